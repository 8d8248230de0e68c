"""The cast of the account tests, and how each comes to the door."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.facade import actor_for_user
from apps.accounts.models import User
from apps.accounts.services.keys import create_api_key
from apps.accounts.services.people import create_user
from olympus.kernel.actor import Actor, Role, Scope

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


@pytest.fixture(autouse=True)
def no_limits_carried_over() -> None:
    """Rate limits outlive a test's transaction."""
    cache.clear()


@pytest.fixture
def owner(db: None) -> Cast:
    return make(Role.OWNER, "hera")


@pytest.fixture
def admin(db: None) -> Cast:
    return make(Role.ADMIN, "hermes")


@pytest.fixture
def member(db: None) -> Cast:
    return make(Role.MEMBER, "ariadne")


@pytest.fixture
def viewer(db: None) -> Cast:
    return make(Role.VIEWER, "echo")


@pytest.fixture
def stranger(db: None) -> Client:
    return Client()


@pytest.fixture
def key_of() -> Callable[..., str]:
    """Makes a key and gives its text."""

    def make_key(person: Cast, *scopes: Scope) -> str:
        return create_api_key(actor=person.actor, name="a program", scopes=scopes or (Scope.READ, Scope.WRITE))[1]

    return make_key
