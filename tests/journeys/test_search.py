"""Finding a conversation again."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture
def said(page: Page, product: Product) -> Page:
    """A page on which something was said that nothing else says."""
    product.ollama.answers(tokens=5, rate=0)
    send(page, "The obelisk at Δελφοί and 検索の速度")
    expect(finished(page)).to_have_count(1)
    return page


def test_the_side_bar_finds_as_one_types_and_leads_to_the_message(said: Page, product: Product) -> None:
    said.goto(product.url)
    said.get_by_label("Search conversations", exact=True).press_sequentially("obel")

    hit = said.locator("#rail-found .hit").last
    expect(hit.locator("mark").first).to_have_text("obel")
    said.keyboard.press("ArrowDown")
    expect(said.locator("#rail-found .hit").first).to_be_focused()
    hit.click()
    said.wait_for_url("**/c/*/?m=*")
    expect(said.locator(".turn.mine .bubble").first).to_contain_text("The obelisk")


def test_the_page_finds_words_of_any_script(said: Page, product: Product) -> None:
    said.goto(f"{product.url}/search/")
    field = said.get_by_label("Search titles and messages")
    expect(field).to_be_focused()

    for words, shown in {"δελφοι": "Δελφοί", "検索": "検索", "速": "速", '"obelisk at"': "obelisk at"}.items():
        field.fill(words)
        expect(said.locator("[data-search-results] mark").first).to_have_text(shown)
    field.fill("obelisk nowhere")
    expect(said.locator("[data-search-results]")).to_contain_text("Nothing found")
    assert "q=obelisk" in said.url


def test_without_a_network_the_page_says_so_and_tries_again(said: Page, product: Product) -> None:
    said.goto(f"{product.url}/search/")
    said.route("**/search/?*", lambda route: route.abort())
    said.get_by_label("Search titles and messages").fill("obelisk")
    expect(said.locator("[data-search-results]")).to_contain_text("No answer")
    said.unroute("**/search/?*")

    said.get_by_role("button", name="Try again").click()

    expect(said.locator("[data-search-results] mark").first).to_have_text("obelisk")


def test_escape_brings_the_list_back(said: Page) -> None:
    field = said.get_by_label("Search conversations", exact=True)
    field.fill("nothing like this anywhere")
    expect(said.locator("#rail-found")).to_contain_text("Nothing found")

    field.press("Escape")

    expect(said.locator("#rail-list")).to_be_visible()
    expect(field).to_have_value("")
