"""Services that are found: the first answer without a URL typed."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.journeys.conftest import PASSWORD, OllamaThread
from tests.journeys.steps import copied_markdown, finished, send
from tests.support.chromium import chromium, chromium_path
from tests.support.stack import Stack

# It asks whatever listens on this machine, so it runs when no other test does.
pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.faults]
QUESTION = "Which of my servers answers?"
_OLLAMA_PORT = 11434


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def ollama_of_this_machine() -> Iterator[FakeOllama]:
    """A fake Ollama where a real one would be."""
    if chromium_path() is None:
        pytest.skip("no Chromium")
    if not _is_free(_OLLAMA_PORT):
        pytest.skip(f"port {_OLLAMA_PORT} is taken: a real Ollama may run here")
    thread = OllamaThread()
    server = FakeOllama(Script(tokens=40, rate=120))
    thread.run(server.start(_OLLAMA_PORT))
    yield server
    thread.run(server.stop())
    thread.stop()


def test_a_fresh_install_gives_its_first_answer_with_no_address_typed(ollama_of_this_machine: FakeOllama) -> None:
    with Stack(env={"OLYMPUS_AUTODETECT": "1"}) as stack, chromium() as browser:
        assert stack.owner_link is not None
        context = browser.new_context()
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(stack.owner_link)
        page.get_by_label("Name").fill("Hera")
        page.get_by_label("Email").fill("hera@example.test")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make my account").click()
        page.wait_for_url(stack.url)

        send(page, QUESTION)

        expect(finished(page)).to_have_count(1)
        # Another model server of this machine may have answered, with more or fewer of the same words.
        assert expected_text(QUESTION, 4000).startswith(copied_markdown(page, 0).rstrip()[:40])
