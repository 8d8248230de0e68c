"""A conversation is a tree: versions beside each other, one of them read, in every tab."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.doubles.texts import expected_text
from tests.journeys.conftest import Product
from tests.journeys.steps import answers, copied_markdown, finished, messages, send
from tests.journeys.test_losing_the_network import Line

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def _edited(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=0)
    send(page, "First words")
    expect(finished(page)).to_have_count(1)
    page.get_by_label("Message", exact=True).press("ArrowUp")
    page.get_by_label("Edit your message").fill("Second words")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.mine .bubble")).to_have_text("Second words")
    expect(_pager(page, "mine", "Version 2 of 2")).to_be_visible()
    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1)


def _pager(page: Page, kind: str, name: str) -> Locator:
    return page.locator(f".turn.{kind}").get_by_role("group", name=name)


def test_an_edited_message_keeps_its_first_version_one_step_away(product: Product, page: Page) -> None:
    _edited(product, page)

    _pager(page, "mine", "Version 2 of 2").get_by_role("button", name="Previous version").click()

    expect(page.locator(".turn.mine .bubble")).to_have_text("First words")
    expect(answers(page)).to_have_count(1)
    assert copied_markdown(page, 0) == expected_text("First words", 20)
    page.reload()
    expect(page.locator(".turn.mine .bubble")).to_have_text("First words")


def test_versions_are_paged_by_arrow_keys_and_the_other_tab_follows(product: Product, page: Page) -> None:
    _edited(product, page)
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator(".turn.mine .bubble")).to_have_text("Second words")

    _pager(page, "mine", "Version 2 of 2").get_by_role("button", name="Previous version").focus()
    page.keyboard.press("ArrowLeft")

    for tab in (page, second):
        expect(tab.locator(".turn.mine .bubble")).to_have_text("First words")
        expect(_pager(tab, "mine", "Version 1 of 2")).to_be_visible()
    expect(page.locator(".pager button:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    for tab in (page, second):
        expect(tab.locator(".turn.mine .bubble")).to_have_text("Second words")


def test_a_link_to_another_version_shows_it_and_what_is_sent_goes_on_there(product: Product, page: Page) -> None:
    _edited(product, page)
    other = page.locator('.turn.mine .pager [data-way="previous"]').get_attribute("data-to")

    page.goto(f"{page.url}?m={other}")
    expect(page.locator(".turn.mine .bubble")).to_have_text("First words")
    expect(page.get_by_text("This is another version")).to_be_visible()
    send(page, "On from the first")

    expect(finished(page)).to_have_count(2)
    expect(page.get_by_text("This is another version")).to_be_hidden()
    assert messages(page) == ["First words", "On from the first"]
    page.reload()
    expect(finished(page)).to_have_count(2)
    assert messages(page) == ["First words", "On from the first"]


def test_another_model_answers_beside_the_first(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=0)
    send(page, "Who knows?")
    expect(finished(page)).to_have_count(1)

    page.get_by_role("button", name="Try another model").click()
    page.get_by_role("menuitem", name="fake-vision").click()

    expect(_pager(page, "answer", "Version 2 of 2")).to_be_visible()
    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1)
    expect(answers(page).locator(".model-name")).to_contain_text("fake-vision")
    _pager(page, "answer", "Version 2 of 2").get_by_role("button", name="Previous version").click()
    expect(answers(page).locator(".model-name")).to_contain_text("fake:latest")


def test_a_choice_made_without_a_connection_holds_once_it_is_back(
    product: Product, member_context: BrowserContext
) -> None:
    page = member_context.new_page()
    line = Line(page)
    page.goto(product.url)
    _edited(product, page)
    line.cut()
    expect(page.get_by_text("No connection to Olympus")).to_be_visible()

    _pager(page, "mine", "Version 2 of 2").get_by_role("button", name="Previous version").click()
    page.wait_for_timeout(300)
    expect(page.locator(".turn.mine .bubble")).to_have_text("Second words")
    line.mend()

    expect(page.locator(".turn.mine .bubble")).to_have_text("First words", timeout=20_000)


def test_a_conversation_is_copied_up_to_a_message(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=0)
    for count, text in enumerate(("One", "Two"), 1):
        send(page, text)
        expect(finished(page)).to_have_count(count)
    origin = page.url

    page.get_by_role("button", name="More for this answer").first.click()
    page.get_by_role("menuitem", name="Go on in a new conversation").click()

    expect(page.get_by_text("This is a copy")).to_be_visible()
    assert page.url != origin
    assert messages(page) == ["One"]
    send(page, "Another way")
    expect(finished(page)).to_have_count(2)
    page.goto(origin)
    assert messages(page) == ["One", "Two"]


def test_what_the_model_was_given_can_be_read(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=0)
    send(page, "What do you know of me?")
    expect(finished(page)).to_have_count(1)

    page.get_by_role("button", name="More for this answer").click()
    page.get_by_role("menuitem", name="See what the model was given").click()

    dialog = page.get_by_role("dialog", name="What the model was given")
    expect(dialog.locator(".part").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="More for this answer")).to_be_focused()
