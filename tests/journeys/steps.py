"""What a person does on the chat page, in words."""

import re

from playwright.sync_api import Locator, Page, expect


def send(page: Page, text: str) -> None:
    """This will type a message and press Enter."""
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_label("Message", exact=True).press("Enter")


def answers(page: Page) -> Locator:
    """The answers on the page, finished or not."""
    return page.locator(".turn.answer:not([hidden])")


def finished(page: Page) -> Locator:
    """The answers that are over."""
    return page.locator(".turn.answer[data-over]")


def messages(page: Page) -> list[str]:
    """The person's own messages, top to bottom."""
    return page.locator(".turn.mine .bubble").all_inner_texts()


def wait_until_written(page: Page, length: int = 20) -> None:
    """This will wait until the newest answer has some words."""
    expect(answers(page).last.locator(".prose")).to_have_text(re.compile(rf"[\s\S]{{{length}}}"), timeout=20_000)


def copied_markdown(page: Page, index: int) -> str:
    """This will copy an answer with its button and return what would be pasted."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = answers(page).nth(index).get_by_role("button", name="Copy the answer")
    button.click()
    expect(button).to_have_attribute("data-done", "")
    return str(page.evaluate("navigator.clipboard.readText()"))
