"""What is being written survives a reload, in its own conversation, and never costs what is being typed."""

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def _field(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def test_text_files_model_and_options_survive_a_reload(page: Page) -> None:
    _field(page).fill("Half a thought\nand a line")
    page.set_input_files(
        "#composer input[type=file]", [FilePayload(name="plan.txt", mimeType="text/plain", buffer=b"a")]
    )
    expect(page.locator(".clip[data-state=ready]")).to_have_count(1)
    page.locator("[data-parameters]").click()
    page.get_by_label("Seed", exact=True).fill("3")
    page.keyboard.press("Escape")
    page.locator(".model > button").click()
    page.get_by_role("option", name="fake-vision").click()
    page.get_by_role("button", name="Temporary").click()

    page.reload()

    expect(_field(page)).to_have_value("Half a thought\nand a line")
    expect(page.locator(".clip[data-state=ready]")).to_contain_text("plan.txt")
    expect(page.get_by_role("button", name="Parameters: Custom")).to_be_visible()
    expect(page.locator(".model > button")).to_contain_text("fake-vision")
    expect(page.get_by_role("button", name="Temporary")).to_have_attribute("aria-pressed", "true")


def test_each_conversation_has_its_own_draft_and_sending_ends_it(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=100)
    _field(page).fill("Typed, then sent")
    page.wait_for_timeout(600)
    _field(page).press("Enter")
    expect(finished(page)).to_have_count(1)
    conversation = page.url
    _field(page).fill("Kept for this one")
    page.goto(product.url)
    expect(_field(page)).to_have_value("")
    _field(page).fill("Kept for a new one")

    page.goto(conversation)
    expect(_field(page)).to_have_value("Kept for this one")
    send(page, "Sent at last")
    expect(finished(page)).to_have_count(2)
    page.reload()
    expect(_field(page)).to_have_value("")
    page.goto(product.url)
    expect(_field(page)).to_have_value("Kept for a new one")


def test_another_tab_never_takes_what_is_being_typed(product: Product, page: Page) -> None:
    second = page.context.new_page()
    second.goto(product.url)
    _field(page).fill("From the first tab")
    expect(_field(second)).to_have_value("From the first tab")

    _field(second).fill("From the second tab")
    page.wait_for_timeout(800)

    expect(_field(page)).to_have_value("From the first tab")
    second.close()


def test_a_browser_that_keeps_nothing_still_sends(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=100)
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.reload()

    send(page, "Nothing is kept here")

    expect(finished(page)).to_have_count(1)
