"""What every answer tells the browser, and what follows from PUBLIC_URL."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from olympus.security import SecurityHeadersMiddleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; frame-src 'self'; "
    "manifest-src 'self'"
)


@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/", "/api/v1/me", "/nowhere", "/static/olympus/mark.svg"])
def test_every_answer_has_the_headers(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    response.close()

    assert response["Content-Security-Policy"] == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_only_what_is_made_for_somebody_is_kept_from_caches(client: Client, db: None) -> None:
    client.cookies["olympus_session"] = "x"

    picture = client.get("/static/olympus/mark.svg")
    picture.close()

    assert client.get("/nowhere")["Cache-Control"] == "no-store"
    assert "no-store" not in picture["Cache-Control"]
    assert "Cache-Control" not in Client().get("/nowhere")


async def test_an_asynchronous_chain_stays_asynchronous() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok", headers={"Content-Security-Policy": "its own"})

    middleware: Any = SecurityHeadersMiddleware(markcoroutinefunction(view))
    response = await middleware(HttpRequest())

    assert iscoroutinefunction(middleware)
    assert response["Content-Security-Policy"] == "its own"
    assert response["X-Frame-Options"] == "DENY"


def settings_with(**environment: str) -> dict[str, Any]:
    """The settings a process with this environment has."""
    names = [
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
        "ACCOUNT_EMAIL_VERIFICATION",
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL",
        "EMAIL_BACKEND",
    ]
    program = (
        "import json; from olympus import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_a_public_https_address_makes_cookies_secure_and_names_the_host() -> None:
    found = settings_with(PUBLIC_URL="https://olympus.example/")

    assert found["ALLOWED_HOSTS"][0] == "olympus.example"
    assert "*" not in found["ALLOWED_HOSTS"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://olympus.example"]
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert found["ACCOUNT_DEFAULT_HTTP_PROTOCOL"] == "https"


def test_without_one_any_host_may_sign_in_over_plain_http() -> None:
    found = settings_with(PUBLIC_URL="")

    assert found["ALLOWED_HOSTS"] == ["*"]
    assert not found["SESSION_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] == 0


def test_mail_is_confirmed_where_there_is_mail() -> None:
    without = settings_with(EMAIL_HOST="", PUBLIC_URL="https://olympus.example")
    with_mail = settings_with(EMAIL_HOST="mail.example", PUBLIC_URL="https://olympus.example")

    assert without["ACCOUNT_EMAIL_VERIFICATION"] == "none"
    assert with_mail["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"
    assert with_mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_no_mail_is_sent_where_any_host_may_be_named() -> None:
    found = settings_with(EMAIL_HOST="mail.example", PUBLIC_URL="")

    assert found["ALLOWED_HOSTS"] == ["*"]
    assert found["EMAIL_BACKEND"].endswith("dummy.EmailBackend")
    assert found["ACCOUNT_EMAIL_VERIFICATION"] == "none"
