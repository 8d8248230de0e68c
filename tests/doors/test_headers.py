"""What every answer of every door tells the browser."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from olympus.api_docs import REDOC_POLICY
from olympus.security import CONTENT_SECURITY_POLICY, DIAGRAM_FRAME_POLICY
from tests.doors.conftest import address_of, signed_in
from tests.doors.test_strangers import body_of
from tests.doors.walk import Door, doors
from tests.support.cast import PASSWORD, Someone

# A person's own file is sandboxed more strictly than a page.
FILES = {"attachments/<uuid:attachment_id>/": "default-src 'none'; sandbox"}
# Redoc and the drawing program write their styles into their pages.
LOOSER = {"api/v1/redoc/": REDOC_POLICY, "embed/diagram/": DIAGRAM_FRAME_POLICY}
# Our own pages hold the diagram's.
FRAMED = {"embed/diagram/"}


def _break(_: HttpRequest) -> HttpResponse:
    raise RuntimeError("as things do")


urlpatterns = [path("broken", _break)]


def check(answer: Any, policy: str = CONTENT_SECURITY_POLICY, framing: str = "DENY") -> None:
    assert answer["Content-Security-Policy"] == policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == framing
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Server" not in answer


@pytest.mark.parametrize("door", [d for d in doors() if not d.is_admin], ids=lambda door: door.route)
def test_every_door_answers_with_the_headers(door: Door, owner: Someone) -> None:
    address = address_of(door, owner)
    inside, outside = signed_in(owner), Client()

    for answer in (outside.get(address), outside.post(address), inside.get(address)):
        body_of(answer)
        is_file = answer.status_code == 200 and door.route in FILES
        looser = (
            LOOSER.get(door.route, CONTENT_SECURITY_POLICY) if answer.status_code == 200 else CONTENT_SECURITY_POLICY
        )
        framing = "SAMEORIGIN" if answer.status_code == 200 and door.route in FRAMED else "DENY"
        check(answer, FILES[door.route] if is_file else looser, framing)
    if door.route not in FILES:
        assert "no-store" in answer["Cache-Control"]


def test_the_admin_answers_with_the_headers(owner: Someone) -> None:
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    client = signed_in(owner)

    for door in doors():
        if door.is_admin and not door.names:
            check(client.get(address_of(door, owner)))


@pytest.mark.parametrize("address", ["/nowhere", "/static/olympus/mark.svg", "/static/nothing.js", "/api/v1/nothing"])
def test_what_is_not_there_and_what_is_static_has_them_too(address: str, client: Client, db: None) -> None:
    answer = client.get(address)
    body_of(answer)

    check(answer)


def test_an_error_of_ours_has_them_and_tells_nothing(settings: Settings, db: None) -> None:
    settings.ROOT_URLCONF = __name__

    answer = Client(raise_request_exception=False).get("/broken")

    assert answer.status_code == 500
    assert "as things do" not in answer.content.decode()
    check(answer)


@pytest.mark.parametrize("start", ["/welcome/wrong/", "/join/wrong/"])
def test_a_link_that_is_over_says_so_and_no_more(start: str, client: Client, db: None) -> None:
    assert client.get(start).status_code == 410


def test_a_host_that_is_not_served_gets_nothing(settings: Settings, client: Client, db: None) -> None:
    settings.ALLOWED_HOSTS = ["olympus.example"]

    answer = client.get("/accounts/login/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    check(answer)


@pytest.mark.parametrize("is_https", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    is_https: bool, owner: Someone, settings: Settings
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = is_https
    client = Client()
    client.get("/accounts/login/")

    client.post("/accounts/login/", {"login": owner.user.email, "password": PASSWORD})

    assert {"olympus_session", "olympus_csrf"} <= set(client.cookies)
    for name in ("olympus_session", "olympus_csrf"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", is_https), name
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_every_cookie_anybody_gets_is_one_of_these(owner: Someone) -> None:
    client = signed_in(owner)
    for door in doors():
        if not door.names and not door.is_admin:
            client.get("/" + door.route)

    assert set(client.cookies) <= {"olympus_session", "olympus_csrf", "messages"}
