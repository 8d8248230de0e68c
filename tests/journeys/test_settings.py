"""All settings in the browser: what was changed is said with its value, taken back, and never what another did since."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.journeys.conftest import Product

pytestmark = [pytest.mark.browser, pytest.mark.stack]
_NAME = "gateway.body_megabytes"


@pytest.fixture
def pages(product: Product, browser: Browser, owner: StorageState) -> Iterator[list[Page]]:
    """All settings in two windows of the owner."""
    context = browser.new_context(storage_state=owner)
    pages = [context.new_page() for _each in range(2)]
    for page in pages:
        page.goto(f"{product.url}/settings/all/")
    yield pages
    row(pages[0]).get_by_role("button", name="Back to the default").click()
    expect(size(pages[1])).to_have_value("10")
    context.close()


def row(page: Page) -> Locator:
    return page.locator(f'[data-setting="{_NAME}"]')


def size(page: Page) -> Locator:
    return row(page).get_by_role("spinbutton")


def change(page: Page, value: str) -> None:
    size(page).fill(value)
    row(page).get_by_role("button", name="Save").click()


def toast(page: Page, sentence: str) -> Locator:
    return page.locator(".toast", has_text=sentence).last


def test_a_change_is_said_with_its_value_and_taken_back_unless_another_was_made_since(pages: list[Page]) -> None:
    here, there = pages

    change(here, "20")
    expect(size(there)).to_have_value("20")
    toast(here, "Largest request: 20 MB").get_by_role("button", name="Undo").click()
    expect(size(here)).to_have_value("10")
    expect(toast(here, "Largest request: 10 MB")).to_be_visible()
    expect(size(there)).to_have_value("10")

    change(here, "30")
    expect(size(there)).to_have_value("30")
    change(there, "40")
    expect(size(here)).to_have_value("40")
    toast(here, "Largest request: 30 MB").get_by_role("button", name="Undo").click()

    expect(row(here).get_by_role("alert")).to_contain_text("Somebody else changed this setting meanwhile.")
    expect(size(here)).to_have_value("40")
