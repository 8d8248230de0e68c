"""The pool as people see it: how servers are, who goes on with an answer, and that an answer was given before."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import answers, copied_markdown, finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
MODEL = "marble:8b"
# A look finds out within some seconds, and the page asks every three.
_NOTICED_MS = 60_000


@pytest.fixture(scope="module")
def servers(product: Product, browser: Browser, owner: StorageState) -> Iterator[dict[str, FakeOllama]]:
    """Two servers of one model nobody else has, as an owner adds them; North is asked first."""
    servers = {name: FakeOllama() for name in ("North", "South")}
    context = browser.new_context(storage_state=owner)
    page = context.new_page()
    page.goto(f"{product.url}/settings/providers/")
    for name, server in servers.items():
        server.models = {MODEL: ["completion"]}
        page.get_by_label("Name").fill(name)
        page.get_by_label("Address").fill(product.ollama.beside(server).url)
        page.get_by_role("button", name="Add and test").click()
        expect(page.get_by_text(f"{name} answers and offers 1 model.")).to_be_visible()
    page.get_by_role("link", name="Change North").click()
    page.get_by_label("Priority").fill("1")
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("Priority 1 ·")).to_be_visible()
    yield servers
    for name in servers:
        page.get_by_role("button", name=f"Remove {name}").click()
        page.locator("dialog[open]").get_by_role("button", name="Remove").click()
        expect(page.get_by_role("button", name=f"Remove {name}")).to_have_count(0)
    context.close()


@pytest.fixture
def pair(servers: dict[str, FakeOllama]) -> dict[str, FakeOllama]:
    """Both as they are when nothing ails them."""
    for server in servers.values():
        server.default = Script(tokens=90, rate=60)
    return servers


def choose(page: Page, model: str) -> None:
    page.reload()
    page.get_by_role("button", name="Model:").click()
    page.locator(f'[data-model="{model}"]').click()


def test_the_switch_of_servers_shows_on_the_message_at_once_and_ever_after(
    product: Product, page: Page, pair: dict[str, FakeOllama]
) -> None:
    pair["North"].default = Script(tokens=90, rate=60, fault="cut", fault_at=30)
    choose(page, MODEL)

    send(page, "Go on without a gap")
    switch = answers(page).last.locator(".switches")
    expect(switch).to_have_text("North stopped in the middle; South went on.", timeout=30_000)
    expect(finished(page)).to_have_count(1, timeout=30_000)

    assert copied_markdown(page, 0) == expected_text("Go on without a gap", 90)
    page.reload()
    expect(switch).to_have_text("North stopped in the middle; South went on.")
    expect(page.locator(".trouble:visible")).to_have_count(0)
    page.get_by_title("Who answered, and why").click()
    expect(page.locator(".route")).to_contain_text("North comes first by its priority.")
    assert copied_markdown(page, 0) == expected_text("Go on without a gap", 90)


def test_an_answer_that_was_given_before_says_so(product: Product, page: Page, pair: dict[str, FakeOllama]) -> None:
    choose(page, MODEL)
    send(page, "The same twice")
    expect(finished(page)).to_have_count(1, timeout=30_000)
    first = copied_markdown(page, 0)

    page.goto(product.url)
    send(page, "The same twice")
    expect(finished(page)).to_have_count(1, timeout=30_000)

    mark = answers(page).last.locator(".route-marks")
    expect(mark).to_have_text("from the cache")
    assert copied_markdown(page, 0) == first
    page.reload()
    expect(mark).to_have_text("from the cache")


def test_the_page_of_servers_follows_their_health(
    product: Product, browser: Browser, owner: StorageState, pair: dict[str, FakeOllama]
) -> None:
    context = browser.new_context(storage_state=owner)
    page = context.new_page()
    page.goto(f"{product.url}/settings/providers/")
    page.evaluate("document.body.dataset.same = 'yes'")
    north = page.locator("li", has_text="North").locator("[data-state]")
    expect(north).to_have_text("ready", timeout=_NOTICED_MS)
    port = pair["North"].port

    product.ollama.run(pair["North"].stop())

    expect(north).to_have_text("not answering", timeout=_NOTICED_MS)
    expect(page.locator("#said")).to_contain_text("North: not answering")
    expect(page.locator("li", has_text="South").locator("[data-state]")).to_have_text("ready")
    product.ollama.run(pair["North"].start(port))
    expect(north).to_have_text("ready", timeout=_NOTICED_MS)
    assert page.evaluate("document.body.dataset.same") == "yes"
    context.close()
