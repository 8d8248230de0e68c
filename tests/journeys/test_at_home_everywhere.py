"""The pages on a phone and by night; what axe says of them is asked of every screen at once."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.stack]
# A frame is asked for only once the sheets that hold the first paint back are there.
NOTE_AT_FIRST_PAINT = """new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    requestAnimationFrame(() => {
        const html = document.documentElement;
        window.firstPaint = { theme: html.dataset.theme, ground: getComputedStyle(html).backgroundColor };
    });
}).observe(document, { childList: true, subtree: true })"""


def test_the_side_bar_is_a_drawer_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    rail = page.locator("#rail")
    expect(rail).to_be_hidden()

    page.get_by_role("button", name="Show the side bar").click()
    expect(rail).to_be_visible()
    expect(page.get_by_role("button", name="Hide the side bar")).to_be_focused()
    page.keyboard.press("Escape")

    expect(rail).to_be_hidden()
    expect(page.get_by_role("button", name="Show the side bar")).to_be_focused()
    expect(page.get_by_label("Message", exact=True)).to_be_in_viewport()


def test_the_theme_is_kept_and_holds_before_the_first_paint(page: Page) -> None:
    for theme in ("light", "dark"):
        page.get_by_role("button", name="Theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)

    page.add_init_script(NOTE_AT_FIRST_PAINT)
    page.reload()

    page.wait_for_function("window.firstPaint")
    seen = page.evaluate("window.firstPaint")
    assert seen["theme"] == "dark"
    assert seen["ground"] != "rgba(0, 0, 0, 0)"
