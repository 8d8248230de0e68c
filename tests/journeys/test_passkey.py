"""The first person makes an account, adds a passkey, and signs in with nothing else; no page breaks the policy."""

import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.accounts.services.doors import make_owner_link

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("OLYMPUS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium"),
]
PASSWORD = "marble and gold 7"


@pytest.fixture
def link(transactional_db: None, live_server: Any) -> str:
    """Made before the browser: its loop in this thread keeps the database out."""
    return f"http://localhost:{urlsplit(live_server.url).port}{make_owner_link()}"


def is_complaint(said: Any) -> bool:
    """An error on the console, but for the one that follows from a test server without WebSockets."""
    return said.type == "error" and "WebSocket" not in said.text


@pytest.fixture
def page(link: str) -> Iterator[Any]:
    """A page whose console must stay free of errors, in a browser with a built-in authenticator."""
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.complaints = []
        page.on("console", lambda said: page.complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        browser.close()


def test_a_passkey_replaces_the_password(page: Any, link: str) -> None:
    origin = link.rpartition("/welcome/")[0]

    page.goto(link)
    page.get_by_label("Name").fill("Hera")
    page.get_by_label("Email").fill("hera@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{origin}/")

    page.goto(f"{origin}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/**")

    page.goto(f"{origin}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{origin}/")

    page.goto(f"{origin}/settings/security/")
    assert page.get_by_text("1 passkey").is_visible()
    assert page.complaints == []


def test_no_account_page_and_no_page_of_the_admin_breaks_the_policy(page: Any, link: str) -> None:
    origin = link.rpartition("/welcome/")[0]
    page.goto(link)
    page.get_by_label("Name").fill("Hera")
    page.get_by_label("Email").fill("hera@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{origin}/")

    for path in (
        "/settings/profile/",
        "/settings/security/",
        "/settings/keys/",
        "/settings/people/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/accounts/2fa/",
        "/admin/",
        "/admin/accounts/user/",
        "/admin/kernel/auditentry/",
    ):
        page.goto(f"{origin}{path}")
        assert page.complaints == [], path
