"""Services that are found: the first answer without a URL typed, and cards that are added, ignored and brought back."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.journeys.conftest import PASSWORD, OllamaThread, Product
from tests.journeys.steps import copied_markdown, finished, send
from tests.support.chromium import chromium, chromium_path
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]
QUESTION = "Which of my servers answers?"
_OLLAMA_PORT = 11434
_MODEL = "granite:8b"
# A scan on a machine that does much else.
_FOUND_MS = 60_000


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
        assert copied_markdown(page, 0) == expected_text(QUESTION, 40)


@pytest.fixture
def two_servers(product: Product) -> Iterator[tuple[FakeOllama, FakeOllama]]:
    """Two servers at addresses that scans are told of."""
    wanted, unwanted = FakeOllama(Script(tokens=40, rate=120)), FakeOllama()
    wanted.models = {_MODEL: ["completion"]}
    addresses = [product.ollama.beside(server).url for server in (wanted, unwanted)]
    _scan_also(product, addresses)
    yield wanted, unwanted
    _scan_also(product, [])


def test_a_found_server_is_added_and_answers_at_once_and_an_ignored_one_stays_ignored(
    product: Product, browser: Browser, owner: StorageState, two_servers: tuple[FakeOllama, FakeOllama]
) -> None:
    wanted, unwanted = two_servers
    context = browser.new_context(storage_state=owner)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{product.url}/settings/services/")
    page.get_by_role("button", name="Scan now").click()
    expect(_card(page, wanted)).to_be_visible(timeout=_FOUND_MS)

    _card(page, unwanted).get_by_role("button", name="Ignore").click()
    expect(page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()
    expect(_card(page, unwanted)).to_have_count(0)
    _card(page, wanted).get_by_role("button", name="Add").click()
    expect(_card(page, wanted).get_by_role("button", name="Stop using")).to_be_visible()
    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_text("Last looked around")).to_be_visible(timeout=_FOUND_MS)
    expect(_card(page, unwanted)).to_have_count(0)
    expect(page.locator(".ignored")).to_contain_text(unwanted.url)

    page.goto(product.url)
    page.get_by_role("button", name="Model:").click()
    page.locator(f'[data-model="{_MODEL}"]').click()
    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text(QUESTION, 40)
    context.close()


def _card(page: Page, server: FakeOllama) -> Locator:
    return page.locator("article[data-service]", has_text=server.url)


def _scan_also(product: Product, addresses: list[str]) -> None:
    script = f"from olympus.kernel.options import change_option; change_option('discovery.addresses', {addresses!r})"
    done = product.stack.manage("shell", "-v", "0", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr
