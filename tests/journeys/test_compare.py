"""Two models answer one message side by side; one answer is kept."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.doubles.streaming import Script
from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
OTHER = "fake-vision:latest"


@pytest.fixture(autouse=True)
def plain_scripts(product: Product) -> Iterator[None]:
    """Models that answer alike again afterwards."""
    yield
    product.ollama.server.scripts.pop(OTHER, None)


def _compare(page: Page, text: str) -> Locator:
    page.get_by_label("Message", exact=True).fill("/compare")
    page.keyboard.press("Enter")
    page.get_by_role("option", name="fake-vision").click()
    send(page, text)
    return page.locator(".comparison")


def test_two_models_answer_at_once_and_one_is_kept(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=60, rate=40)
    sides = _compare(page, "Which of you is better?").locator(".turn.answer")

    expect(sides).to_have_count(2)
    expect(page.locator(".comparison .turn.answer[data-state=complete]")).to_have_count(2, timeout=20_000)
    left, right = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    assert right["x"] > left["x"]

    sides.nth(1).get_by_role("button", name="Keep this one").click()

    expect(page.locator(".comparison")).to_have_count(0)
    expect(finished(page)).to_have_count(1)
    expect(finished(page).locator(".model-name")).to_contain_text("fake-vision")
    page.reload()
    expect(page.locator(".comparison")).to_have_count(0)
    expect(finished(page)).to_have_count(1)


def test_one_that_fails_leaves_the_other_alone(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=60, rate=40)
    product.ollama.server.scripts[OTHER] = Script(tokens=60, rate=40, fault="cut", fault_at=20)

    sides = _compare(page, "One of you fails").locator(".turn.answer")

    expect(sides.nth(1).locator(".trouble")).to_be_visible(timeout=30_000)
    expect(sides.nth(0)).to_have_attribute("data-state", "complete", timeout=20_000)
    expect(sides.nth(0).locator(".trouble")).to_be_hidden()


def test_on_a_phone_one_is_shown_at_a_time(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=30, rate=0)
    comparison = _compare(page, "Side by side")
    expect(page.locator(".comparison .turn.answer[data-state=complete]")).to_have_count(2, timeout=20_000)

    page.set_viewport_size({"width": 390, "height": 844})
    other = comparison.get_by_role("button", name="fake-vision")
    expect(comparison.locator(".turn.answer").nth(1)).to_be_hidden()
    other.first.click()

    expect(comparison.locator(".turn.answer").nth(1)).to_be_visible()
    expect(comparison.locator(".turn.answer").nth(0)).to_be_hidden()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_one_is_stopped_alone_and_escape_stops_the_rest(product: Product, page: Page) -> None:
    product.ollama.answers(tokens=4000, rate=20)
    sides = _compare(page, "Stop one of you").locator(".turn.answer")
    expect(sides.nth(0).locator(".prose > *").first).to_be_visible(timeout=20_000)

    sides.nth(0).get_by_role("button", name="Stop").click()

    expect(sides.nth(0)).to_have_attribute("data-state", "cancelled", timeout=20_000)
    expect(sides.nth(1)).to_have_attribute("aria-busy", "true")
    page.get_by_label("Message", exact=True).press("Escape")
    expect(sides.nth(1)).to_have_attribute("data-state", "cancelled", timeout=20_000)
