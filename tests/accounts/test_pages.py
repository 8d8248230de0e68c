"""Every page around an account: it opens, belongs to the family, and carries nothing the policy forbids."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from tests.accounts.cast import PASSWORD, Cast

OPEN_PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-wrong/",
    "/accounts/confirm-email/wrong/",
    "/accounts/confirm-email/",
    "/accounts/inactive/",
    "/welcome/wrong/",
    "/join/wrong/",
]
OWN_PAGES = [
    "/settings/profile/",
    "/settings/security/",
    "/settings/keys/",
    "/settings/people/",
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/reauthenticate/",
]
FORBIDDEN = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE)


def check_page(html: str) -> None:
    assert 'id="main"' in html
    assert "/static/dist/" in html
    assert not FORBIDDEN.search(html)
    assert not INLINE_SCRIPT.search(html)


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_page_for_strangers_is_one_of_ours(stranger: Client, path: str) -> None:
    response = stranger.get(path, follow=True)

    assert response.status_code in {200, 410}
    check_page(response.content.decode())


@pytest.mark.parametrize("path", OWN_PAGES)
def test_a_page_for_its_person_is_one_of_ours(owner: Cast, path: str) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": owner.user.email, "password": PASSWORD})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})

    response = browser.get(path, follow=True)

    assert response.status_code == 200
    check_page(response.content.decode())


@pytest.mark.parametrize("path", [path for path in OWN_PAGES if path != "/accounts/logout/"])
def test_a_stranger_is_led_to_the_sign_in_page_and_back(stranger: Client, path: str) -> None:
    response = stranger.get(path, follow=True)

    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_a_script_that_lost_its_session_gets_a_status_and_no_page(stranger: Client) -> None:
    response = stranger.get("/settings/keys/", headers={"sec-fetch-mode": "cors", "accept": "*/*"})

    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"


def test_without_mail_the_reset_page_says_whom_to_ask(stranger: Client, member: Cast) -> None:
    page = stranger.get("/accounts/password/reset/").content.decode()
    answer = stranger.post("/accounts/password/reset/", {"email": member.user.email})

    assert "Ask an owner" in page
    assert answer.status_code == 200
    assert "Ask an owner" in answer.content.decode()


def test_with_mail_a_reset_link_is_sent(
    stranger: Client, member: Cast, settings: Settings, mailoutbox: list[object]
) -> None:
    settings.EMAIL_HOST = "mail.example.test"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    answer = stranger.post("/accounts/password/reset/", {"email": member.user.email})

    assert answer.status_code == 302
    assert "/accounts/password/reset/key/" in mailoutbox[0].body  # type: ignore[attr-defined]


def test_a_mailed_link_leads_to_the_public_address_whatever_host_is_named(
    stranger: Client, member: Cast, settings: Settings, mailoutbox: list[object]
) -> None:
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example.test", "https://olympus.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    stranger.post("/accounts/password/reset/", {"email": member.user.email}, headers={"host": "localhost:9999"})

    assert "https://olympus.example/accounts/password/reset/key/" in mailoutbox[0].body  # type: ignore[attr-defined]


def test_a_name_is_saved(member: Cast) -> None:
    member.browser.post("/settings/profile/", {"name": "Ariadne of Crete"})

    member.user.refresh_from_db()
    assert member.user.name == "Ariadne of Crete"


def test_without_mail_a_new_address_needs_the_password(member: Cast, owner: Cast) -> None:
    browser, path = member.browser, "/settings/profile/email/"

    wrong = browser.post(path, {"email": "new@example.test", "current_password": "not it"})
    taken = browser.post(path, {"email": owner.user.email, "current_password": PASSWORD})
    right = browser.post(path, {"email": "New@Example.test", "current_password": PASSWORD})

    assert "not your password" in wrong.content.decode()
    assert "already has an account" in taken.content.decode()
    assert right.status_code == 302
    signed_in = Client().post("/accounts/login/", {"login": "new@example.test", "password": PASSWORD})
    assert signed_in["Location"] == "/"


def test_what_somebody_calls_themselves_cannot_run(owner: Cast, member: Cast) -> None:
    member.browser.post("/settings/profile/", {"name": "<script>alert(1)</script>"})

    page = owner.browser.get("/settings/people/").content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
