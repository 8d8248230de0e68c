"""The whole chat by keyboard: no step here touches the mouse."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import answers, finished, messages, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]
_MOST_TABS = 80
OTHER = "fake-vision:latest"


def _field(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def _write(page: Page, text: str) -> None:
    expect(_field(page)).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _go_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Walk with Tab or Shift+Tab until the target has the focus, which must be seen."""
    for _ in range(_MOST_TABS):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            break
    expect(target).to_be_focused()
    assert target.evaluate("element => element.matches(':focus-visible') && element.checkVisibility()")


def _do(page: Page, words: str) -> None:
    """Do something by its name in the palette."""
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    expect(page.locator("#palette .hit[aria-selected=true]")).to_contain_text(re.compile(words, re.IGNORECASE))
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_conversation_is_led_by_keyboard_alone(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=2000, rate=50)
    page.keyboard.press("Control+Shift+o")
    _write(page, "A long answer")
    wait_until_written(page)
    page.keyboard.press("Escape")
    expect(answers(page).first.get_by_text("Stopped", exact=True)).to_be_visible()

    product.ollama.answers(tokens=10, rate=0)
    expect(_field(page)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Edit your message")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("A short answer")
    page.keyboard.press("Enter")
    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1, timeout=20_000)
    assert messages(page) == ["A short answer"]

    page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.locator(".turn.mine .bubble")).to_have_text("A long answer")
    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(page.locator(".turn.mine .bubble")).to_have_text("A short answer")

    page.keyboard.press("Shift+Escape")
    expect(_field(page)).to_be_focused()
    _go_to(page, page.get_by_role("button", name="Try another model"), "Shift+Tab")
    page.keyboard.press("Enter")
    _pick(page, OTHER)
    expect(page.locator(".turn.answer .model-name")).to_contain_text(OTHER)
    expect(page.locator(".turn.answer[data-state=complete]")).to_have_count(1, timeout=20_000)
    expect(page.get_by_label("Version 2 of 2")).to_have_count(2)


def test_two_answers_are_compared_and_one_is_kept(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=0)
    expect(_field(page)).to_be_focused()
    page.keyboard.type("/compare vision")
    page.keyboard.press("Enter")
    _write(page, "Which of you?")
    expect(page.locator(".comparison .turn.answer[data-state=complete]")).to_have_count(2, timeout=20_000)

    _go_to(page, page.get_by_role("button", name="Keep this one").last, "Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".comparison")).to_have_count(0)
    expect(finished(page)).to_have_count(1)
    expect(finished(page).locator(".model-name")).to_contain_text(OTHER)


def test_a_conversation_is_found_and_put_in_order(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=5, rate=0)
    word = f"quarry{uuid4().hex[:6]}"
    _write(page, f"The {word} of Paros")
    expect(finished(page)).to_have_count(1)
    path = page.evaluate("location.pathname")
    row = page.locator(f"#rail-list .row:has([href='{path}'])")
    expect(row).to_contain_text("quarry")

    page.keyboard.press("Control+Shift+f")
    page.keyboard.type(word)
    hit = page.locator("#rail-found .hit").last
    expect(hit.locator("mark").first).to_have_text(word)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}*")

    _go_to(page, row.locator(".convo"), "Shift+Tab")
    page.keyboard.press("F2")
    page.keyboard.type("Marble by name")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Marble by name")
    _choose(page, row, "Pin")
    expect(page.locator("#rail-list .day").first).to_contain_text("Marble by name")
    _choose(page, row, "Archive")
    expect(row).to_have_count(0)
    _undo(page)
    expect(row).to_be_visible()
    page.keyboard.press("Control+Shift+Backspace")
    page.wait_for_url(f"{product.url}/")
    _undo(page)
    page.wait_for_url(f"**{path}")


def _choose(page: Page, row: Locator, action: str) -> None:
    row.locator(".convo").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _pick(page, action)


def _pick(page: Page, name: str) -> None:
    """Walk an open menu down to an item and take it."""
    item = page.get_by_role("menuitem", name=re.compile(f"^{name}"))
    expect(page.locator("[role=menuitem]:focus")).to_be_visible()
    for _ in range(8):
        if item.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def _undo(page: Page) -> None:
    button = page.get_by_role("button", name="Undo")
    expect(button).to_be_visible()
    _go_to(page, button, "Shift+Tab")
    page.keyboard.press("Enter")


def test_everything_around_a_message_is_reached(product: Product, page: Page) -> None:
    expect(_field(page)).to_be_focused()
    page.keyboard.press("Control+.")
    panel = page.get_by_role("dialog", name="Parameters")
    expect(panel).to_be_visible()
    _go_to(page, panel.get_by_label("Seed", exact=True))
    page.keyboard.type("7")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Parameters: Custom")).to_be_visible()

    page.keyboard.press("Control+Shift+m")
    expect(page.get_by_role("dialog", name="Choose a model")).to_be_visible()
    page.keyboard.press("Escape")

    page.keyboard.press("Shift+Escape")
    page.keyboard.type("/attach")
    expect(page.get_by_role("option", name="/attach")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")

    _do(page, "keyboard shortcuts")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()

    _do(page, "api keys")
    page.wait_for_url("**/settings/keys/")


def test_a_prompt_is_written_and_used(product: Product, page: Page) -> None:
    name = f"stele-{uuid4().hex[:6]}"
    page.goto(f"{product.url}/prompts/new/")
    expect(page.get_by_label("Title", exact=True)).to_be_focused()
    page.keyboard.type("Words on a stele")
    page.keyboard.press("Tab")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("Carve {{words}} into marble.")
    _go_to(page, page.locator("form#prompt-editor button[type=submit]"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/prompts/[0-9a-f-]{36}/"))

    page.keyboard.press("Control+Shift+o")
    expect(_field(page)).to_be_focused()
    page.keyboard.type(f"/{name}")
    expect(page.get_by_role("option", name="Words on a stele")).to_be_visible()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="words", exact=False).last
    expect(field).to_be_focused()
    page.keyboard.type("nothing in excess")
    page.keyboard.press("Control+Enter")

    expect(_field(page)).to_have_value("Carve nothing in excess into marble.")
