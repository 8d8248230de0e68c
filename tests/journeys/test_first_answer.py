"""From the first start's link to the first answer."""

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import copied_markdown, finished, messages, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]
QUESTION = "What is kept when the network is lost?"


def test_who_came_by_the_owner_link_gets_the_first_answer(
    product: Product, browser: Browser, owner: StorageState
) -> None:
    product.ollama.answers(tokens=60, rate=120)
    page = browser.new_context(storage_state=owner).new_page()
    page.goto(product.url)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    send(page, QUESTION)

    expect(finished(page)).to_have_count(1)
    assert "/c/" in page.url
    assert messages(page) == [QUESTION]
    assert copied_markdown(page, 0) == expected_text(QUESTION, 60)
    expect(page.locator("#rail-list [aria-current=page]")).to_contain_text("What is kept")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What is kept")
    expect(page.locator("#said")).to_have_text("Copied")
    page.context.close()


def test_what_was_streamed_is_what_a_reload_shows(page: Page) -> None:
    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    streamed = page.locator(".answer .prose").inner_text()

    page.reload()

    expect(finished(page)).to_have_count(1)
    assert page.locator(".answer .prose").inner_text() == streamed


def test_a_reload_in_the_middle_goes_on_with_the_answer(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=120, rate=40)
    send(page, QUESTION)
    wait_until_written(page)

    page.reload()

    expect(finished(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text(QUESTION, 120)
