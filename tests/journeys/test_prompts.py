"""The menu behind the slash: prompts with variables, and commands."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import finished

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def _field(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def _make(page: Page, product: Product, **prompt: object) -> str:
    token = page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    answer = page.request.post(
        f"{product.url}/api/v1/prompts", data=prompt, headers={"X-CSRFToken": token, "Referer": product.url}
    )
    assert answer.ok, answer.text()
    return f"{product.url}/api/v1/prompts/{answer.json()['id']}"


@pytest.fixture
def letter(page: Page, product: Product) -> Iterator[str]:
    """A prompt with a variable of each kind; its name."""
    name = f"letter-{uuid4().hex[:6]}"
    variables = [
        {"name": "who", "label": "To whom", "type": "text", "required": True},
        {"name": "tone", "label": "Tone", "type": "choice", "required": True, "choices": ["warm", "dry"]},
        {"name": "words", "label": "Words", "type": "number", "required": False, "default": "100"},
        {"name": "by", "label": "By", "type": "date", "required": False},
        {"name": "signed", "label": "Signed", "type": "boolean", "required": False},
        {"name": "about", "label": "About", "type": "long_text", "required": False},
    ]
    text = "Write {{who}} a {{tone}} letter of {{words}} words. Signed: {{signed}}.{{by}}{{about}}"
    address = _make(page, product, name=name, title="Letter to somebody", text=text, variables=variables)
    yield name
    token = page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    page.request.delete(address, headers={"X-CSRFToken": token, "Referer": product.url})


def test_a_prompt_is_found_filled_and_taken_back_by_keyboard(page: Page, letter: str) -> None:
    page.set_input_files("#composer input[type=file]", FilePayload(name="a.txt", mimeType="text/plain", buffer=b"a"))
    expect(page.locator("#composer .clip[data-state=ready]")).to_have_count(1)
    _field(page).press_sequentially(f"/{letter[:9]}")
    menu = page.locator("#slash")
    expect(menu.get_by_role("option", name=f"/{letter}")).to_be_visible()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Letter to somebody")
    expect(form.get_by_label("To whom")).to_be_focused()
    page.keyboard.type("Irene")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(form.get_by_label("The text it makes")).to_contain_text(
        "Write Irene a warm letter of 100 words. Signed: no."
    )
    page.keyboard.press("Control+Enter")

    expect(_field(page)).to_have_value("Write Irene a warm letter of 100 words. Signed: no.")
    expect(_field(page)).to_be_focused()
    assert page.locator(".turn").count() == 0
    page.keyboard.press("Control+Z")
    expect(_field(page)).to_have_value("")

    page.keyboard.type(f"/{letter[:9]}")
    page.keyboard.press("Tab")
    expect(form.get_by_label("To whom")).to_have_value("Irene")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_a_value_that_is_missing_is_asked_for(page: Page, letter: str) -> None:
    _field(page).press_sequentially(f"/{letter[:9]}")
    page.locator("#slash").get_by_role("option", name=f"/{letter}").click()
    form = page.get_by_role("dialog", name="Letter to somebody")

    form.get_by_role("button", name="Insert").click()

    expect(form).to_be_visible()
    expect(form.get_by_label("To whom")).to_be_focused()


def test_commands_are_behind_the_slash_too(page: Page) -> None:
    _field(page).press_sequentially("/temp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Temporary")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("/model vision")
    page.keyboard.press("Enter")
    expect(page.locator(".model > button")).to_contain_text("fake-vision")
    page.keyboard.type("/system Be brief.")
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Parameters: Custom")).to_be_visible()
    expect(_field(page)).to_have_value("")


def test_escape_closes_the_menu_and_a_path_is_no_command(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=10, rate=100)
    _field(page).press_sequentially("/ne")
    expect(page.locator("#slash")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#slash")).to_be_hidden()
    _field(page).fill("")
    _field(page).press_sequentially("/etc/hosts, what is it?")
    expect(page.locator("#slash")).to_be_hidden()

    page.keyboard.press("Enter")

    expect(finished(page)).to_have_count(1)
    expect(page.locator(".turn.mine .bubble")).to_have_text("/etc/hosts, what is it?")
