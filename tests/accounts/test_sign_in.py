"""Signing in and out by password, and who may make an account."""

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import Membership, User
from apps.accounts.options import SignUp
from apps.accounts.services.people import disable_person
from apps.accounts.services.policy import set_sign_up
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import PASSWORD, Cast

LOGIN = "/accounts/login/"


def test_email_in_any_case_and_password_sign_in(stranger: Client, member: Cast) -> None:
    response = stranger.post(LOGIN, {"login": "ARIADNE@example.test", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/")
    entry = AuditEntry.objects.filter(action="session.begin").exclude(address=None).get()
    assert (entry.actor_id, entry.address) == (member.user.pk, "127.0.0.1")


def test_a_wrong_password_is_refused_and_recorded_without_the_password(stranger: Client, member: Cast) -> None:
    response = stranger.post(LOGIN, {"login": member.user.email, "password": "wrong wrong wrong"})

    assert response.status_code == 200
    entry = AuditEntry.objects.get(action="session.refused")
    assert entry.detail == {"email": member.user.email}


def test_guessing_is_slowed_down(stranger: Client, member: Cast) -> None:
    for _ in range(11):
        response = stranger.post(LOGIN, {"login": member.user.email, "password": "wrong wrong wrong"})

    assert "Too many failed login attempts" in response.content.decode()
    right = stranger.post(LOGIN, {"login": member.user.email, "password": PASSWORD})
    assert right.status_code == 200


def test_the_page_one_wanted_comes_after_signing_in_but_no_other_site(stranger: Client, member: Cast) -> None:
    credentials = {"login": member.user.email, "password": PASSWORD}

    own = stranger.post(LOGIN, {**credentials, "next": "/settings/keys/"})
    foreign = Client().post(LOGIN, {**credentials, "next": "https://elsewhere.example/"})

    assert own["Location"] == "/settings/keys/"
    assert foreign["Location"] == "/"


def test_a_disabled_person_cannot_sign_in(stranger: Client, owner: Cast, member: Cast) -> None:
    disable_person(actor=owner.actor, user_id=member.user.pk)

    response = stranger.post(LOGIN, {"login": member.user.email, "password": PASSWORD}, follow=True)

    assert "disabled" in response.content.decode()
    assert stranger.get("/settings/profile/").status_code == 302


def test_signing_out_ends_the_session_and_needs_a_post(member: Cast) -> None:
    asked = member.browser.get("/accounts/logout/")
    still_in = member.browser.get("/settings/profile/").status_code

    member.browser.post("/accounts/logout/")

    assert (asked.status_code, still_in) == (200, 200)
    assert member.browser.get("/settings/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="session.end", actor_id=member.user.pk).exists()


@pytest.mark.parametrize("path", [LOGIN, "/accounts/logout/", "/accounts/signup/", "/accounts/password/reset/"])
def test_forms_need_their_csrf_token(db: None, path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {}).status_code == 403


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Client, member: Cast) -> None:
    response = stranger.post(LOGIN, {"login": member.user.email, "password": PASSWORD})

    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = response.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_by_default_strangers_find_no_sign_up(stranger: Client) -> None:
    page = stranger.get("/accounts/signup/")
    answer = stranger.post("/accounts/signup/", {"name": "Eve", "email": "eve@example.test", "password1": PASSWORD})

    assert "by invitation" in page.content.decode()
    assert "by invitation" in answer.content.decode()
    assert "/accounts/signup/" not in stranger.get(LOGIN).content.decode()
    assert not User.objects.exists()


def test_with_open_sign_up_a_stranger_becomes_a_member(stranger: Client, owner: Cast) -> None:
    set_sign_up(actor=owner.actor, policy=SignUp.OPEN)

    offered = "/accounts/signup/" in stranger.get(LOGIN).content.decode()
    response = stranger.post("/accounts/signup/", {"name": "Eve", "email": "Eve@example.test", "password1": PASSWORD})

    assert offered
    assert (response.status_code, response["Location"]) == (302, "/")
    assert Membership.objects.get(user__email="eve@example.test").role == "member"
    assert User.objects.get(email="eve@example.test").name == "Eve"
