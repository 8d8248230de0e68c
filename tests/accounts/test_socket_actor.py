"""Who opens a WebSocket, read from the ASGI scope."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.facade import socket_actor
from tests.accounts.cast import PASSWORD, Cast


def scope(**headers: str) -> dict[str, object]:
    return {"type": "websocket", "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}


def cookie_of(person: Cast) -> str:
    return f"other=1; olympus_session={person.browser.cookies['olympus_session'].value}; last=2"


def test_a_session_cookie_names_its_person(member: Cast) -> None:
    assert socket_actor(scope(cookie=cookie_of(member))) == member.actor


def test_a_key_names_its_owner_and_goes_before_the_cookie(member: Cast, owner: Cast, key_of: object) -> None:
    key = key_of(owner)  # type: ignore[operator]

    actor = socket_actor(scope(cookie=cookie_of(member), authorization=f"Bearer {key}"))

    assert actor is not None
    assert actor.user_id == owner.user.pk
    assert socket_actor(scope(cookie=cookie_of(member), authorization="Bearer wrong")) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": ""},
        {"cookie": "olympus_session="},
        {"cookie": "olympus_session=x" * 2000},
        {"cookie": "\xff=;;="},
    ],
)
def test_a_stranger_is_nobody(db: None, headers: dict[str, str]) -> None:
    assert socket_actor(scope(**headers)) is None


def test_an_expired_session_is_nobody(member: Cast) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert socket_actor(scope(cookie=cookie_of(member))) is None


def test_a_session_from_before_a_new_password_is_nobody(member: Cast) -> None:
    cookie = cookie_of(member)
    member.user.set_password("a new temple 55")
    member.user.save()

    assert socket_actor(scope(cookie=cookie)) is None


def test_a_session_under_the_key_before_is_still_good_and_is_not_renewed(member: Cast, settings: Settings) -> None:
    cookie = cookie_of(member)
    before = set(Session.objects.values_list("pk", flat=True))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key of this Olympus"

    # Session contents are signed too, with the same fallbacks.
    assert socket_actor(scope(cookie=cookie)) == member.actor
    assert set(Session.objects.values_list("pk", flat=True)) == before


def test_half_a_sign_in_is_nobody(member: Cast, owner: Cast) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": member.user.email, "password": PASSWORD + "wrong"})
    value = browser.cookies.get("olympus_session")

    assert value is None or socket_actor(scope(cookie=f"olympus_session={value.value}")) is None


def test_somebody_without_a_membership_is_nobody(member: Cast) -> None:
    cookie = cookie_of(member)
    member.user.memberships.all().delete()

    assert socket_actor(scope(cookie=cookie)) is None
