"""Two tabs on one conversation show the same, whoever writes."""

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import copied_markdown, finished, messages, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_what_one_tab_asks_the_other_shows_while_it_is_written(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=30, rate=100)
    send(page, "From the first tab")
    expect(finished(page)).to_have_count(1)
    second = page.context.new_page()
    second.goto(page.url)

    product.ollama.answers(tokens=120, rate=40)
    send(second, "From the second tab")
    wait_until_written(page)

    expect(page.locator(".turn.mine .bubble")).to_have_count(2)
    for tab in (page, second):
        expect(finished(tab)).to_have_count(2, timeout=30_000)
        assert messages(tab) == ["From the first tab", "From the second tab"]
        tab.bring_to_front()
        assert copied_markdown(tab, 1) == expected_text("From the second tab", 120)


def test_one_tab_stops_what_the_other_began(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=2000, rate=50)
    send(page, "A very long answer")
    wait_until_written(page)
    second = page.context.new_page()
    second.goto(page.url)
    wait_until_written(second)

    second.keyboard.press("Escape")

    for tab in (page, second):
        expect(finished(tab).get_by_text("Stopped")).to_be_visible()
    assert copied_markdown(page, 0) == copied_markdown(second, 0)


def test_a_conversation_begun_elsewhere_appears_in_the_rail(page: Page) -> None:
    second = page.context.new_page()
    second.goto(page.url)

    send(page, "Seen from afar")

    expect(second.locator(".convo", has_text="Seen from afar")).to_be_visible()


def test_two_tabs_and_a_phone_show_one_conversation(
    product: Product, page: Page, browser: Browser, signed_in: StorageState
) -> None:
    product.ollama.answers(tokens=600, rate=40)
    send(page, "From the desk")
    second = page.context.new_page()
    second.goto(product.url)
    second.locator(".convo", has_text="From the desk").first.click()
    held = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=signed_in
    )
    phone = held.new_page()
    phone.goto(page.url)
    wait_until_written(phone)

    phone.get_by_label("Message", exact=True).fill("From the pocket")
    phone.get_by_role("button", name="Send after this answer").tap()
    expect(phone.get_by_text("Queued after the answer above")).to_be_visible()
    product.ollama.answers(tokens=30, rate=0)

    for tab in (page, second, phone):
        expect(finished(tab)).to_have_count(2, timeout=30_000)
        assert messages(tab) == ["From the desk", "From the pocket"]
    phone.get_by_role("button", name="Edit this message").last.tap()
    phone.get_by_label("Edit your message").fill("From the other pocket")
    phone.locator("form.edit").get_by_role("button", name="Send").tap()
    for tab in (page, second, phone):
        expect(tab.get_by_text("From the other pocket", exact=True)).to_be_visible()
        expect(tab.get_by_role("group", name="Version 2 of 2")).to_be_visible()
        expect(tab.locator(".turn.answer[aria-busy]")).to_have_count(0, timeout=30_000)
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    held.close()
