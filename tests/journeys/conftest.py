"""The whole product for the journeys: bin/up, a fake Ollama beside it, and a browser that forgives nothing."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, WebSocket, expect

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.http_server import HttpServer
from tests.doubles.streaming import Script
from tests.support.chromium import chromium, chromium_path
from tests.support.prepared import prepared_stack
from tests.support.stack import Stack

_Server = TypeVar("_Server", bound=HttpServer)
PASSWORD = "marble and gold 7"
MODEL = "fake:latest"
_LONGEST_STORY, _LONGEST_LINE = 200, 300
# A disk that is busy with something else holds a commit back for seconds; journeys prove no speed.
expect.set_options(timeout=15_000)
_TITLES_FROM_WORDS = (
    "from olympus.kernel.options import change_option; change_option('chat.titles', 'words', changed_by_id=None)"
)
# Members by the dozen, each with the cookie of a session: a command takes seconds to start, and a password long to hash.
_MAKE_MEMBERS = """
import json
from unittest.mock import patch
from uuid import uuid4
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from apps.accounts.models import User
from apps.accounts.services.people import create_user

hashed, members = make_password({password!r}), []
with patch.object(User, "set_password", lambda user, raw: setattr(user, "password", hashed)):
    for _ in range({count}):
        user, client = create_user(email=f"p{{uuid4().hex[:10]}}@example.test", password={password!r}), Client()
        client.force_login(user)
        members.append((user.email, settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value))
print(json.dumps(members))
"""


class OllamaThread:
    """A fake Ollama on a loop of its own, since the browser's calls block this thread."""

    def __init__(self) -> None:
        self.server = FakeOllama(Script(tokens=60, rate=60))
        self._others: list[HttpServer] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self.server.start())

    def run(self, work: object) -> None:
        """This will do work on the loop of the servers and wait for it."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)  # type: ignore[arg-type]

    def answers(self, **script: object) -> None:
        """This will change how it answers from now on."""
        self.server.default = Script(**script)  # type: ignore[arg-type]

    def beside(self, server: _Server) -> _Server:
        """This will start another server on the same loop."""
        self.run(server.start())
        self._others.append(server)
        return server

    def stop(self) -> None:
        """This will end it, and what was started beside it."""
        for server in (self.server, *self._others):
            self.run(server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@dataclass
class Product:
    """A running Olympus with a model server."""

    stack: Stack
    ollama: OllamaThread
    _members: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, without the last slash."""
        return self.stack.url.rstrip("/")

    def person(self) -> str:
        """This will make a member and return the address to sign in with."""
        return self._member()[0]

    def session(self) -> StorageState:
        """This will make a member and return the cookies of a browser they signed in with."""
        _, name, value = self._member()
        cookie = {"name": name, "value": value, "domain": "localhost", "path": "/", "expires": -1}
        return {"cookies": [{**cookie, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}

    def _member(self) -> tuple[str, str, str]:
        if not self._members:
            script = _MAKE_MEMBERS.format(password=PASSWORD, count=50)
            done = self.stack.manage("shell", "-v", "0", "-c", script)
            assert done.returncode == 0, done.stdout + done.stderr
            self._members = json.loads(done.stdout)
        return self._members.pop()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """One stack for all journeys."""
    if chromium_path() is None:
        pytest.skip("no Chromium")
    ollama = OllamaThread()
    try:
        with prepared_stack(env={"OLLAMA_HOST": ollama.server.url}) as stack:
            stack.wait_for_owner_link()  # by then the model server is known
            # The fake model's titles are as odd as its answers; journeys look for the first words.
            done = stack.manage("shell", "-v", "0", "-c", _TITLES_FROM_WORDS)
            assert done.returncode == 0, done.stdout + done.stderr
            yield Product(stack, ollama)
    finally:
        ollama.stop()


@pytest.fixture(scope="module")
def browser(product: Product, owner: StorageState) -> Iterator[Browser]:
    """A browser for the journeys of a module."""
    with chromium() as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep a failed journey's story with its report."""
    report = yield
    if report.failed and report.when == "call" and (story := item.funcargs.get("story")):
        report.sections.append(("what its pages said and heard", "\n".join(story[-_LONGEST_STORY:])))
    return report


@pytest.fixture
def story() -> list[str]:
    """What pages of a journey said and heard; reported if it fails."""
    return []


def _listen(page: Page, story: list[str]) -> None:
    start = monotonic()

    def tell(what: str) -> None:
        story.append(f"{monotonic() - start:7.2f} {what[:_LONGEST_LINE]}")

    def hear(socket: WebSocket) -> None:
        tell(f"socket opens {socket.url}")
        socket.on("framesent", lambda frame: tell(f"> {frame}"))
        socket.on("framereceived", lambda frame: tell(f"< {frame}"))
        socket.on("close", lambda _: tell("socket closed"))

    page.on("websocket", hear)
    page.on("console", lambda said: tell(f"console {said.text}"))
    page.on("pageerror", lambda error: tell(f"error {error}"))
    page.on("framenavigated", lambda frame: tell(f"at {frame.url}"))
    page.on("requestfailed", lambda asked: tell(f"failed {asked.url} {asked.failure}"))


@pytest.fixture
def complaints() -> list[str]:
    """What pages complained about; a journey ends with none."""
    return []


@pytest.fixture(scope="session")
def owner(product: Product) -> StorageState:
    """The cookies of the owner, who came by the link the first start printed."""
    with chromium() as running:
        page = running.new_page()
        page.goto(product.stack.wait_for_owner_link())
        page.get_by_label("Name").fill("Hera")
        page.get_by_label("Email").fill("hera@example.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make my account").click()
        page.wait_for_url(f"{product.url}/")
        return page.context.storage_state()


@pytest.fixture
def signed_in(product: Product) -> StorageState:
    """The cookies of a member nobody else is, whose conversations are this journey's own."""
    return product.session()


@pytest.fixture
def context(browser: Browser, complaints: list[str], story: list[str]) -> Iterator[BrowserContext]:
    """A fresh browser profile; policy violations and script errors in it fail the journey."""
    yield from _watched(browser.new_context(viewport={"width": 1440, "height": 900}), complaints, story)


@pytest.fixture
def member_context(
    browser: Browser, complaints: list[str], story: list[str], signed_in: StorageState
) -> Iterator[BrowserContext]:
    """A fresh browser profile of a signed-in member, watched as well."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=signed_in)
    yield from _watched(context, complaints, story)


def _watched(context: BrowserContext, complaints: list[str], story: list[str]) -> Iterator[BrowserContext]:
    context.set_default_timeout(15_000)
    context.on("page", lambda page: _listen(page, story))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(product: Product, member_context: BrowserContext) -> Page:
    """The empty chat of a signed-in member."""
    product.ollama.answers(tokens=60, rate=60)
    page = member_context.new_page()
    page.goto(product.url)
    return page


def sign_in(page: Page, product: Product, email: str) -> None:
    """This will sign a person in and end on the empty chat."""
    page.goto(f"{product.url}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{product.url}/")
