"""From the first start's link to the first answer."""

from typing import TYPE_CHECKING

import pytest
from tests.doubles.texts import expected_text
from tests.journeys.conftest import PASSWORD, Product
from tests.journeys.steps import copied_markdown, finished, messages, send

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.stack]
QUESTION = "What is kept when the network is lost?"


def test_the_owner_link_leads_to_the_first_answer(product: Product, context: "BrowserContext") -> None:
    from playwright.sync_api import expect

    product.ollama.answers(tokens=60, rate=120)
    page = context.new_page()
    link = product.stack.owner_link
    assert link is not None

    page.goto(link)
    page.get_by_label("Name").fill("Hera")
    page.get_by_label("Email").fill("hera@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url(f"{product.url}/")
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    send(page, QUESTION)

    expect(finished(page)).to_have_count(1)
    assert "/c/" in page.url
    assert messages(page) == [QUESTION]
    assert copied_markdown(page, 0) == expected_text(QUESTION, 60)
    expect(page.locator("#rail-list [aria-current=page]")).to_contain_text("What is kept")
    expect(page.locator("#said")).to_have_text("Copied")


def test_what_was_streamed_is_what_a_reload_shows(page: "Page") -> None:
    from playwright.sync_api import expect

    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    streamed = page.locator(".answer .prose").inner_text()

    page.reload()

    expect(finished(page)).to_have_count(1)
    assert page.locator(".answer .prose").inner_text() == streamed


def test_a_reload_in_the_middle_goes_on_with_the_answer(product: Product, page: "Page") -> None:
    from playwright.sync_api import expect
    from tests.journeys.steps import wait_until_written

    product.ollama.answers(tokens=120, rate=40)
    send(page, QUESTION)
    wait_until_written(page)

    page.reload()

    expect(finished(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text(QUESTION, 120)
