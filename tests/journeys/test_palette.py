"""The palette and the shortcuts, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def choose(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or run a command")).to_be_focused()
    page.keyboard.type(words)


def test_it_leads_to_a_conversation_a_place_and_an_action(page: Page, product: Product) -> None:
    product.ollama.answers(tokens=5, rate=0)
    send(page, "A column of Paros")
    expect(finished(page)).to_have_count(1)
    where = page.url
    page.goto(f"{product.url}/settings/profile/")

    choose(page, "paros")
    expect(page.locator(".palette .hit[aria-selected=true] mark").first).to_have_text(
        re.compile("paros", re.IGNORECASE)
    )
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(where)))

    choose(page, "archive")
    expect(page.get_by_role("option", name="Archive", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()

    choose(page, "api keys")
    expect(page.locator(".palette .hit[aria-selected=true]")).to_contain_text("API keys")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/keys/")

    choose(page, "show or hide")
    page.keyboard.press("Enter")
    expect(page.locator("#rail")).to_be_hidden()


def test_arrows_walk_it_and_the_same_keys_close_it(page: Page) -> None:
    page.keyboard.press("Control+k")
    first = page.locator(".palette .hit[aria-selected=true]").inner_text()
    page.keyboard.press("ArrowDown")
    second = page.locator(".palette .hit[aria-selected=true]").inner_text()
    page.keyboard.press("ArrowUp")
    again = page.locator(".palette .hit[aria-selected=true]").inner_text()
    active = page.get_by_role("combobox", name="Search or run a command").get_attribute("aria-activedescendant")
    page.keyboard.press("Control+k")

    assert first == again != second
    assert active == "hit-0"
    expect(page.locator("#palette")).to_be_hidden()


def test_the_keys_open_it_again_before_the_focus_has_left_it(page: Page) -> None:
    page.keyboard.press("Control+k")

    is_open = page.evaluate(
        """() => {
          const dialog = document.querySelector('#palette');
          dialog.close();
          const keys = new KeyboardEvent('keydown', { key: 'k', code: 'KeyK', ctrlKey: true, bubbles: true, cancelable: true });
          dialog.querySelector('input').dispatchEvent(keys);
          return dialog.open;
        }"""
    )

    assert is_open


def test_shortcuts_are_listed_and_never_while_one_writes(page: Page) -> None:
    message = page.get_by_label("Message", exact=True)
    message.focus()
    page.keyboard.press("?")
    expect(message).to_have_value("?")
    expect(page.locator("#shortcut-list")).to_have_count(0)
    message.fill("")

    page.locator("#rail-list").focus()
    page.keyboard.press("?")

    expect(page.locator("#shortcut-list")).to_contain_text("New conversation")
    expect(page.locator("#shortcut-list")).to_contain_text("Ctrl Shift O")
    page.keyboard.press("Escape")
    expect(page.locator("#shortcut-list")).to_have_count(0)


def test_keys_are_set_by_pressing_them_and_kept_for_every_page(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/settings/shortcuts/")
    key = page.locator("[data-action='rail.toggle']")

    key.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    expect(page.locator(".problem:not(:empty)")).to_contain_text("already does")
    page.keyboard.press("Control+j")
    expect(key).to_have_text("Ctrl J")
    expect(page.locator(".toast")).to_contain_text("Saved")
    page.goto(product.url)
    page.keyboard.press("Control+j")

    expect(page.locator("#rail")).to_be_hidden()
    page.goto(f"{product.url}/settings/shortcuts/")
    page.get_by_role("button", name="Reset all").click()
    expect(page.locator("[data-action='rail.toggle']")).to_have_text("Ctrl B")


def test_on_a_phone_it_opens_from_the_drawer(page: Page, product: Product) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(product.url)
    page.get_by_role("button", name="Show the side bar").click()
    page.get_by_role("button", name="Open the command palette").click()

    page.get_by_role("combobox", name="Search or run a command").fill("security")
    page.locator(".palette .hit").first.click()

    page.wait_for_url("**/settings/security/")
