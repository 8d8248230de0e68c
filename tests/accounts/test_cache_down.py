"""Signing in while Valkey is away."""

from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from tests.accounts.cast import PASSWORD, Cast


def test_signing_in_works_and_guessing_stays_limited_while_valkey_is_down(
    stranger: Client, member: Cast, settings: Settings
) -> None:
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    caches["default"].clear()
    credentials = {"login": member.user.email, "password": PASSWORD}

    signed_in = stranger.post("/accounts/login/", credentials)
    for _ in range(11):
        guessed = Client().post("/accounts/login/", {**credentials, "password": "wrong wrong wrong"})

    assert (signed_in.status_code, signed_in["Location"]) == (302, "/")
    assert "Too many failed login attempts" in guessed.content.decode()
