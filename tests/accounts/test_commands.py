"""What an operator does from the terminal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from apps.accounts.facade import actor_for_key, first_owner
from apps.accounts.models import User
from olympus.kernel.actor import Scope
from tests.accounts.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def run(*arguments: str, **more: object) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **more)
    return out.getvalue()


def create_user(email: str, *more: str, password: str = PASSWORD) -> str:
    return run("create_user", "--email", email, "--password-stdin", *more, stdin=StringIO(f"{password}\n"))


def test_create_user_makes_a_member_who_can_sign_in() -> None:
    said = create_user("Ariadne@Example.test")

    signed_in = Client().post("/accounts/login/", {"login": "ariadne@example.test", "password": PASSWORD})
    assert "ariadne@example.test can sign in" in said
    assert signed_in["Location"] == "/"
    assert first_owner() is None


def test_create_user_makes_an_owner() -> None:
    create_user("hera@example.test", "--owner")

    owner = first_owner()
    assert owner is not None
    assert User.objects.get(pk=owner.user_id).email == "hera@example.test"


def test_create_user_says_that_somebody_exists_and_changes_nothing(member: Cast) -> None:
    with pytest.raises(CommandError, match="has an account already"):
        create_user(member.user.email.upper(), password="another long one 9")

    member.user.refresh_from_db()
    assert member.user.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "password1234", "ariadne@example.test"])
def test_create_user_refuses_a_weak_password(password: str) -> None:
    with pytest.raises(CommandError):
        create_user("ariadne@example.test", password=password)

    assert not User.objects.exists()


def test_create_api_key_prints_the_key_alone(member: Cast) -> None:
    printed = run("create_api_key", "--user", member.user.email, "--name", "script", "--scopes", "read")

    actor = actor_for_key(printed.strip())
    assert len(printed.split()) == 1
    assert actor is not None
    assert actor.scopes == {Scope.READ}


@pytest.mark.parametrize(
    ("user", "scopes", "words"),
    [("nobody@example.test", "read", "Nobody active"), ("ariadne@example.test", "root", "no scope root")],
)
def test_create_api_key_says_what_is_wrong(member: Cast, user: str, scopes: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run("create_api_key", "--user", user, "--name", "script", "--scopes", scopes)


def test_owner_link_prints_a_link_until_there_is_an_owner(settings: Settings) -> None:
    settings.PORT, settings.PUBLIC_URL = 8123, ""

    first, second = run("owner_link").strip(), run("owner_link").strip()
    create_user("hera@example.test", "--owner")

    assert first.startswith("http://localhost:8123/welcome/")
    assert first != second
    assert run("owner_link") == ""


def test_owner_link_uses_the_public_address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://olympus.example"

    assert run("owner_link").startswith("https://olympus.example/welcome/")
