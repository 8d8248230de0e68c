"""Keeping conversations in order from the side bar."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture
def about(page: Page, product: Product) -> Locator:
    """The row of a conversation that was just answered."""
    product.ollama.answers(tokens=5, rate=0)
    send(page, "Keep me in order")
    expect(finished(page)).to_have_count(1)
    row = page.locator(f"#rail-list .row:has([href='{page.evaluate('location.pathname')}'])")
    expect(row).to_contain_text("Keep me in order")
    return row


def menu(page: Page, row: Locator, action: str) -> None:
    row.hover()
    row.locator("[data-row-menu]").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def test_a_name_is_written_in_its_row(page: Page, about: Locator) -> None:
    about.locator(".convo").focus()
    page.keyboard.press("F2")
    page.keyboard.type("Gold and marble")
    page.keyboard.press("Enter")

    expect(about).to_contain_text("Gold and marble")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gold and marble")
    page.reload()
    expect(about).to_contain_text("Gold and marble")


def test_escape_leaves_the_name_as_it_was(page: Page, about: Locator) -> None:
    about.locator(".convo").focus()
    page.keyboard.press("F2")
    page.keyboard.type("Not this")
    page.keyboard.press("Escape")

    expect(about).to_contain_text("Keep me in order")
    expect(about.locator(".convo")).to_be_focused()


def test_what_is_pinned_comes_first(page: Page, about: Locator) -> None:
    menu(page, about, "Pin")

    expect(page.locator("#rail-list .day").first).to_contain_text("Pinned")
    expect(page.locator("#rail-list .day").first).to_contain_text("Keep me in order")
    menu(page, about, "Unpin")
    expect(page.locator("#rail-list .day").first).not_to_contain_text("Pinned")


def test_deleting_is_undone(page: Page, about: Locator) -> None:
    where = page.url
    menu(page, about, "Delete")
    page.wait_for_url(re.compile(r"/$"))
    expect(about).to_have_count(0)

    page.get_by_role("button", name="Undo").click()

    page.wait_for_url(where)
    expect(about).to_be_visible()


def test_the_archive_holds_what_is_put_away_and_gives_it_back(page: Page, product: Product, about: Locator) -> None:
    path = page.evaluate("location.pathname")
    menu(page, about, "Archive")
    expect(about).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("is in the archive")

    page.goto(f"{product.url}/archive/")
    row = page.locator(f"[data-archive] li:has([href='{path}'])")
    row.get_by_role("button", name="Take back").click()

    expect(row).to_have_count(0)
    expect(about).to_be_visible()


def test_the_menu_is_walked_by_keys(page: Page, about: Locator) -> None:
    about.locator(".convo").focus()
    page.keyboard.press("Tab")
    expect(about.locator("[data-row-menu]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("menu")).to_have_count(0)
    expect(about.locator("[data-row-menu]")).to_be_focused()


def test_an_answer_that_came_elsewhere_is_told_on_the_tab(page: Page, product: Product, about: Locator) -> None:
    product.ollama.answers(tokens=30, rate=30)
    send(page, "And another")
    page.wait_for_timeout(200)
    other = page.context.new_page()
    page.goto(product.url)
    expect(about.locator(".pulse, .unread")).to_be_visible()

    expect(about.locator(".unread")).to_be_visible(timeout=15_000)
    expect(page).to_have_title(re.compile(r"^\(\d+\) "))
    assert str(page.locator("link[rel=icon]").get_attribute("href")).endswith("favicon-new.svg")
    about.locator(".convo").click()
    expect(finished(page)).to_have_count(2)
    expect(about.locator(".unread")).to_be_hidden()
    other.close()


def test_on_a_phone_the_drawer_opens_and_closes(page: Page, product: Product) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(product.url)
    rail = page.locator("#rail")
    expect(rail).to_be_hidden()

    page.get_by_role("button", name="Show the side bar").click()
    expect(rail).to_be_visible()
    page.mouse.click(380, 400)
    expect(rail).to_be_hidden()
    page.get_by_role("button", name="Show the side bar").click()
    page.keyboard.press("Escape")

    expect(rail).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
