"""The people of the account tests, made as the product makes them."""

from dataclasses import dataclass

from django.test import Client

from apps.accounts.facade import actor_for_user
from apps.accounts.models import User
from apps.accounts.services.people import create_user
from olympus.kernel.actor import Actor, Role

PASSWORD = "marble and gold 7"


@dataclass(frozen=True)
class Cast:
    """A person of the tests: the row, the actor and a browser that is signed in."""

    user: User
    actor: Actor
    browser: Client


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def make(role: Role, name: str) -> Cast:
    user = create_user(email=f"{name}@example.test", password=PASSWORD, name=name.title(), role=role)
    actor = actor_for_user(user)
    assert actor is not None
    return Cast(user, actor, signed_in(user))
