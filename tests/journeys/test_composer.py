"""Around a message: models, parameters, presets, queue and steer, all by keyboard."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Product
from tests.journeys.steps import answers, finished, messages, send, wait_until_written

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def _field(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


def _asked(product: Product, text: str) -> dict[str, Any]:
    """What the model server was asked with a message last."""
    chats = [r.body for r in list(product.ollama.server.log.requests) if r.path == "/api/chat"]
    return next(body for body in reversed(chats) if body["messages"][-1]["content"] == text)


def _open_parameters(page: Page) -> Locator:
    page.locator("[data-parameters]").click()
    panel = page.get_by_role("dialog", name="Parameters")
    expect(panel).to_be_visible()
    return panel


def test_parameters_reach_the_model_and_stay_with_the_conversation(product: Product, page: Page) -> None:
    panel = _open_parameters(page)
    panel.get_by_label("System prompt", exact=True).fill("Answer like a pirate.")
    panel.get_by_role("textbox", name="Temperature", exact=True).fill("0,3")
    panel.get_by_label("Seed", exact=True).fill("7")
    panel.get_by_label("Stop sequences", exact=True).fill("END\n\\n\\n")
    panel.get_by_label("Answer format (JSON Schema)").fill('{"type": "object"}')
    expect(panel.get_by_text("Valid", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Parameters: Custom")).to_be_visible()
    send(page, "Parameters reach it")
    expect(finished(page)).to_have_count(1)

    asked = _asked(product, "Parameters reach it")
    assert asked["messages"][0] == {"role": "system", "content": "Answer like a pirate."}
    assert {name: asked["options"][name] for name in ("temperature", "seed", "stop")} == {
        "temperature": 0.3,
        "seed": 7,
        "stop": ["END", "\n\n"],
    }
    assert asked["format"] == {"type": "object"}

    page.reload()
    panel = _open_parameters(page)
    expect(panel.get_by_label("Seed", exact=True)).to_have_value("7")
    panel.get_by_role("button", name="Reset", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Parameters", exact=True)).to_be_visible()
    send(page, "As the model likes")
    expect(finished(page)).to_have_count(2)
    assert "seed" not in _asked(product, "As the model likes")["options"]


def test_a_wrong_value_is_told_as_it_is_typed_and_not_used(product: Product, page: Page) -> None:
    panel = _open_parameters(page)
    panel.get_by_label("Answer format (JSON Schema)").fill('{"type": object}')
    panel.get_by_label("Top k", exact=True).fill("0")

    expect(panel.get_by_text("Not JSON yet")).to_be_visible()
    expect(panel.get_by_text("From 1 to 1000.")).to_be_visible()
    page.keyboard.press("Escape")
    send(page, "Wrong values stay here")
    expect(finished(page)).to_have_count(1)

    asked = _asked(product, "Wrong values stay here")
    assert "format" not in asked
    assert "top_k" not in asked.get("options", {})


def test_a_preset_is_kept_begins_new_conversations_and_goes(product: Product, page: Page) -> None:
    panel = _open_parameters(page)
    panel.get_by_label("Seed", exact=True).fill("11")
    panel.get_by_role("button", name="Save as preset").click()
    panel.get_by_label("Name of the preset").fill("Steady")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Parameters: Steady")).to_be_visible()
    panel.get_by_role("button", name="Begin with it").click()
    expect(panel.get_by_role("button", name="Begin without it")).to_be_visible()
    page.evaluate("localStorage.clear()")
    page.goto(product.url)

    expect(page.get_by_role("button", name="Parameters: Steady")).to_be_visible()
    send(page, "By the preset")
    expect(finished(page)).to_have_count(1)
    assert _asked(product, "By the preset")["options"]["seed"] == 11

    panel = _open_parameters(page)
    panel.get_by_label("Seed", exact=True).fill("12")
    expect(page.get_by_role("button", name="Parameters: Steady, changed")).to_be_visible()
    panel.get_by_role("button", name="Update").click()
    expect(page.get_by_role("button", name="Parameters: Steady", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Steady was deleted")).to_be_visible()
    page.goto(product.url)
    expect(page.get_by_role("button", name="Parameters", exact=True)).to_be_visible()


def test_what_is_typed_meanwhile_queues_by_enter_and_steers_by_control_enter(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=2000, rate=50)
    send(page, "A very long answer")
    wait_until_written(page)
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()

    _field(page).fill("Something else")
    expect(page.get_by_role("button", name="Send after this answer")).to_be_visible()
    expect(page.get_by_role("button", name="Stop the answer and send now")).to_be_visible()
    product.ollama.answers(tokens=20, rate=100)
    _field(page).press("Control+Enter")

    expect(finished(page)).to_have_count(2, timeout=30_000)
    expect(answers(page).first.get_by_text("Stopped")).to_be_visible()
    assert messages(page) == ["A very long answer", "Something else"]


def test_two_models_are_compared_by_keyboard_alone(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=20, rate=100)
    _field(page).press_sequentially("/compare vision")
    page.keyboard.press("Enter")
    compared = page.locator(".compared")
    expect(compared).to_contain_text("fake:latest")
    expect(compared).to_contain_text("fake-vision:latest")
    page.keyboard.type("Which is better?")
    page.keyboard.press("Enter")

    expect(finished(page)).to_have_count(2, timeout=30_000)
    asked = {r.body["model"] for r in list(product.ollama.server.log.requests) if r.path == "/api/chat"}
    assert {"fake:latest", "fake-vision:latest"} <= asked
    page.get_by_role("button", name="Stop comparing with fake-vision:latest").click()
    expect(compared).to_be_hidden()


def test_the_model_menu_is_complete_by_keyboard(page: Page) -> None:
    button = page.locator(".model > button")
    button.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Choose a model")
    expect(panel).to_be_visible()
    expect(panel.locator("[data-active]")).to_have_attribute("aria-selected", "true")

    page.keyboard.press("Home")
    first = panel.locator("[data-active]").get_attribute("data-model")
    page.keyboard.press("End")
    assert panel.locator("[data-active]").get_attribute("data-model") != first
    page.keyboard.type("fake-v")
    expect(panel.locator("[data-active]")).to_contain_text("fake-vision")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(button).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.type("fake-v")
    page.keyboard.press("Enter")
    expect(button).to_contain_text("fake-vision:latest")
    expect(_field(page)).to_be_focused()


def test_the_context_is_told_after_a_turn(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=40, rate=100)
    send(page, "How much do you hold?")
    expect(finished(page)).to_have_count(1)
    meter = page.get_by_role("button", name="Context:")
    expect(meter).to_be_visible()

    meter.click()

    panel = page.get_by_role("dialog", name="What the context holds")
    expect(panel.get_by_text("tokens")).to_be_visible()
    expect(panel.get_by_text("2 messages")).to_be_visible()
    expect(panel.get_by_text("Kept free for the answer")).to_be_visible()


def test_on_a_phone_the_panels_are_sheets_that_keep_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-parameters]").click()
    panel = page.get_by_role("dialog", name="Parameters")
    expect(panel).to_be_visible()
    panel.evaluate("sheet => Promise.all(sheet.getAnimations().map((animation) => animation.finished))")

    box = panel.bounding_box()

    assert box is not None
    assert (round(box["x"]), round(box["width"]), round(box["y"] + box["height"])) == (0, 390, 844)
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#parameters-panel')"
        )
    page.mouse.click(195, 20)
    expect(panel).to_be_hidden()
