"""Stop, queue, try again, edit: an answer does what the person says."""

import pytest
from playwright.sync_api import Page, expect

from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import answers, copied_markdown, finished, messages, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_escape_stops_the_answer_and_keeps_it(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=2000, rate=50)
    send(page, "A very long answer")
    wait_until_written(page)

    page.keyboard.press("Escape")

    expect(finished(page).get_by_text("Stopped")).to_be_visible()
    kept = copied_markdown(page, 0)
    assert kept
    assert expected_text("A very long answer", 2000).startswith(kept)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_message_sent_meanwhile_waits_and_then_is_answered(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=120, rate=40)
    send(page, "First")
    wait_until_written(page)
    send(page, "Second")

    expect(page.get_by_text("Queued after the answer above")).to_be_visible()
    expect(finished(page)).to_have_count(2, timeout=30_000)

    assert [copied_markdown(page, index) for index in (0, 1)] == [
        expected_text(text, 120) for text in ("First", "Second")
    ]


def test_a_queued_message_can_be_withdrawn(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=150, rate=40)
    send(page, "First")
    wait_until_written(page)
    send(page, "Not after all")

    page.get_by_role("button", name="Withdraw").click()

    expect(page.get_by_label("Message", exact=True)).to_have_value("Not after all")
    expect(page.locator(".answer .prose").first).not_to_be_empty()
    expect(page.locator(".turn.answer[aria-busy]")).to_have_count(0, timeout=30_000)
    assert copied_markdown(page, 0) == expected_text("First", 150)


def test_an_answer_that_failed_says_so_and_can_be_tried_again(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=60, rate=60, fault="cut", fault_at=30)
    send(page, "Break in the middle")
    trouble = page.locator(".trouble:not([hidden])")
    expect(trouble).to_be_visible(timeout=30_000)
    expect(trouble).to_contain_text("kept")

    product.ollama.answers(tokens=60, rate=60)
    trouble.get_by_role("button", name="Try again").click()

    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1, timeout=30_000)
    assert copied_markdown(page, 0) == expected_text("Break in the middle", 60)
    assert messages(page) == ["Break in the middle"]


def test_the_last_message_can_be_edited_from_the_keyboard(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=60)
    send(page, "Befor")
    expect(finished(page)).to_have_count(1)

    page.get_by_label("Message", exact=True).press("ArrowUp")
    page.get_by_label("Edit your message").fill("After")
    page.keyboard.press("Enter")

    expect(page.locator(".turn.mine .bubble")).to_have_text("After")
    expect(page.locator(".turn[data-state=pending]")).to_have_count(0)
    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1)
    expect(answers(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text("After", 20)


def test_a_temporary_conversation_is_marked_and_not_listed(page: Page) -> None:
    page.get_by_role("button", name="Temporary").click()
    send(page, "Between us")

    expect(finished(page)).to_have_count(1)
    page.reload()
    expect(page.locator(".bar .tag")).to_have_text("Temporary")
    assert page.locator(".convo", has_text="Between us").count() == 0
