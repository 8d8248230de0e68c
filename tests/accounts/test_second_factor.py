"""Authenticator app, recovery codes, passkey pages, sessions."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from apps.accounts.services.people import remove_second_factors
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import PASSWORD, Cast

LOGIN = "/accounts/login/"
SETUP = "/accounts/2fa/totp/activate/"


def code_for(secret: str) -> str:
    """What the phone shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def password_login(browser: Client, person: Cast) -> str:
    response = browser.post(LOGIN, {"login": person.user.email, "password": PASSWORD})
    return str(response["Location"])


def confirm(browser: Client) -> None:
    """Give the password again, as the pages that change factors ask."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.fixture
def secret(member: Cast, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]) -> str:
    """Set the app up as a person does: sign in, read the secret, enter a code."""
    browser = Client()
    password_login(browser, member)
    confirm(browser)
    page = browser.get(SETUP).content.decode()
    found = re.search(r"<code>([A-Z2-7]{16,})</code>", page)
    assert found is not None
    with django_capture_on_commit_callbacks(execute=True):
        response = browser.post(SETUP, {"code": code_for(found[1])})
    assert response.status_code == 302
    return found[1]


def test_signing_in_asks_for_the_code_and_no_session_exists_before(member: Cast, secret: str) -> None:
    browser = Client()

    location = password_login(browser, member)
    before = browser.get("/settings/profile/").status_code
    step = browser.get(location)
    Authenticator.objects.filter(type="totp").update(last_used_at=None)
    cache.clear()
    done = browser.post(location, {"code": code_for(secret)})

    assert location == "/accounts/2fa/authenticate/"
    assert (before, step.status_code) == (302, 200)
    assert (done.status_code, done["Location"]) == (302, "/")
    assert browser.get("/settings/profile/").status_code == 200


def test_a_wrong_code_does_not_sign_in_and_is_recorded(member: Cast, secret: str) -> None:
    browser = Client()
    location = password_login(browser, member)

    refused = browser.post(location, {"code": "000000"})

    assert refused.status_code == 200
    assert browser.get("/settings/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="second_factor.refused").exists()


def test_a_recovery_code_signs_in_once(member: Cast, secret: str) -> None:
    codes = Authenticator.objects.get(user=member.user, type="recovery_codes").wrap().get_unused_codes()
    first, second = Client(), Client()

    taken = first.post(password_login(first, member), {"code": codes[0]})
    again = second.post(password_login(second, member), {"code": codes[0]})

    assert taken.status_code == 302
    assert again.status_code == 200
    assert second.get("/settings/profile/").status_code == 302


def test_the_secret_of_the_app_is_unreadable_in_the_database(member: Cast, secret: str) -> None:
    stored = Authenticator.objects.get(user=member.user, type="totp").data

    assert secret not in str(stored)


def test_setting_up_is_recorded(member: Cast, secret: str) -> None:
    kinds = {entry.detail["kind"] for entry in AuditEntry.objects.filter(action="second_factor.add")}

    assert "totp" in kinds


def test_an_owner_takes_lost_factors_off(owner: Cast, member: Cast, secret: str) -> None:
    remove_second_factors(actor=owner.actor, user_id=member.user.pk)

    assert password_login(Client(), member) == "/"


def test_changing_factors_asks_who_it_is_after_a_while(member: Cast) -> None:
    response = member.browser.get(SETUP)

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize(("host", "offered"), [("localhost", True), ("127.0.0.1", False), ("[::1]:8000", False)])
def test_passkeys_are_offered_where_the_host_is_a_name(member: Cast, host: str, offered: bool) -> None:
    browser = Client(headers={"host": host})
    sign_in = browser.get(LOGIN).content.decode()
    password_login(browser, member)
    confirm(browser)

    page = browser.get("/accounts/2fa/webauthn/add/").content.decode()

    assert ("passkey_login" in sign_in) is offered
    assert ("mfa_webauthn_add" in page) is offered
    assert ("Passkeys belong to a name" in page) is not offered


def test_sessions_are_listed_and_the_others_ended(member: Cast) -> None:
    here, there = Client(headers={"user-agent": "Here"}), Client(headers={"user-agent": "There"})
    password_login(here, member)
    password_login(there, member)

    page = here.get("/accounts/sessions/").content.decode()
    here.post("/accounts/sessions/")

    assert "Here" in page
    assert "There" in page
    assert here.get("/settings/profile/").status_code == 200
    assert there.get("/settings/profile/").status_code == 302


def test_a_new_password_ends_other_sessions(member: Cast) -> None:
    here, there = Client(), Client()
    password_login(here, member)
    password_login(there, member)

    new = {"oldpassword": PASSWORD, "password1": "a new temple 55", "password2": "a new temple 55"}
    changed = here.post("/accounts/password/change/", new)

    assert changed.status_code == 302
    assert here.get("/settings/profile/").status_code == 200
    assert there.get("/settings/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="password.change", actor_id=member.user.pk).exists()
