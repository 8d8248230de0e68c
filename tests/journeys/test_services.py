"""Servers that a scan finds: proposed with their reasons, tested, added and used at once; ignored until they are restored."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, StorageState, expect

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import copied_markdown, finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
MODEL = "granite:8b"
QUESTION = "Who was found and answers already?"
# A scan, or a proof, of a machine that does much else.
_FOUND_MS = 60_000


@pytest.fixture
def server(product: Product) -> FakeOpenAI:
    """A model server that Olympus does not use by itself, as it does an Ollama of its own machine."""
    server = product.ollama.beside(FakeOpenAI(Script(tokens=40, rate=120)))
    server.models = []
    server.offer(MODEL)
    return server


@pytest.fixture
def page(product: Product, context: BrowserContext, owner: StorageState, server: FakeOpenAI) -> Iterator[Page]:
    """The owner's services, after a scan that was to look at the server's address as well."""
    context.add_cookies(owner["cookies"])  # type: ignore[arg-type]  # what the browser gave is what it takes
    page = context.new_page()
    page.goto(f"{product.url}/settings/all/?q=discovery.addresses")
    row = page.locator('[data-setting="discovery.addresses"]')
    row.get_by_role("textbox").fill(server.url)
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("changed")
    page.goto(f"{product.url}/settings/services/")
    scan(page)
    yield page
    page.goto(f"{product.url}/settings/all/?q=discovery.addresses")
    row.get_by_role("button", name="Back to the default").click()
    expect(row).not_to_contain_text("changed")


def scan(page: Page) -> None:
    """This will press Scan now and wait for that very scan."""
    with page.expect_response("**/api/v1/scans") as told:
        page.get_by_role("button", name="Scan now").click()
    line = page.locator(f'[data-scan-line="{told.value.json()["id"]}"]:not([data-running])')
    expect(line).to_contain_text("Looked around", timeout=_FOUND_MS)


def card(page: Page, server: FakeOpenAI) -> Locator:
    """This will find the card of a server."""
    return page.locator("article[data-service]", has_text=server.url)


def press(page: Page, server: FakeOpenAI, label: str) -> None:
    """This will press a button of a server's card."""
    card(page, server).get_by_role("button", name=label).click()


def toasted(page: Page, words: str) -> Locator:
    """This will find the sentence at the bottom that says so."""
    return page.locator(".toast", has_text=words)


def test_a_found_server_says_why_is_tested_and_added_and_answers_at_once(
    product: Product, page: Page, server: FakeOpenAI
) -> None:
    card(page, server).get_by_text("Why").click()
    expect(card(page, server).locator(".evidence")).to_contain_text("GET /v1/models")
    expect(card(page, server).locator(".risks")).to_contain_text("answers without a key")

    press(page, server, "Test")
    expect(card(page, server).locator(".proof")).to_contain_text("It did what it says.", timeout=_FOUND_MS)
    expect(card(page, server).locator(".evidence")).to_be_visible()
    press(page, server, "Add")
    expect(toasted(page, "is added and can be used at once.")).to_be_visible()
    expect(card(page, server).get_by_role("button", name="Stop using")).to_be_visible()

    page.goto(product.url)
    page.get_by_role("button", name="Model:").click()
    page.locator(f'[data-model$="/{MODEL}"]').click()
    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text(QUESTION, 40)

    page.goto(f"{product.url}/settings/services/")
    press(page, server, "Stop using")
    page.get_by_role("dialog").get_by_role("button", name="Stop using").click()
    expect(card(page, server)).to_have_count(0)
    page.goto(product.url)
    expect(page.locator(f'[data-model$="/{MODEL}"]')).to_have_count(0)


def test_an_ignored_server_stays_ignored_through_another_scan_until_it_is_restored(
    product: Product, page: Page, server: FakeOpenAI
) -> None:
    press(page, server, "Ignore")
    expect(card(page, server)).to_have_count(0)
    toasted(page, "is ignored from now on.").get_by_role("button", name="Undo").click()
    expect(card(page, server)).to_have_count(1)
    press(page, server, "Ignore")
    expect(card(page, server)).to_have_count(0)

    scan(page)

    page.reload()
    expect(card(page, server)).to_have_count(0)
    page.locator(".ignored summary").click()
    row = page.locator(".ignored li", has_text=server.url)
    row.get_by_role("button", name="Restore").click()
    expect(toasted(page, "is proposed again.")).to_be_visible()
    expect(row).to_have_count(0)
    expect(card(page, server).get_by_role("button", name="Add")).to_be_visible()
