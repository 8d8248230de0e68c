"""The pages on a phone, by night, and to assistive tools."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from olympus.runtime.places import ROOT
from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PAGES = [
    "/settings/profile/",
    "/settings/security/",
    "/settings/keys/",
    "/settings/people/",
    "/settings/providers/",
    "/missing/",
]
QUESTION = "Tell me **all**"
# A frame is asked for only once the sheets that hold the first paint back are there.
NOTE_AT_FIRST_PAINT = """new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    requestAnimationFrame(() => {
        const html = document.documentElement;
        window.firstPaint = { theme: html.dataset.theme, ground: getComputedStyle(html).backgroundColor };
    });
}).observe(document, { childList: true, subtree: true })"""


def _findings(page: Page) -> list[str]:
    page.evaluate((ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text())
    found = page.evaluate("axe.run().then((result) => result.violations.map((v) => `${v.id}: ${v.nodes[0].target}`))")
    return [f"{page.url} {finding}" for finding in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_has_an_accessibility_finding_or_scrolls_sideways(
    product: Product, browser: Browser, owner: StorageState, theme: Literal["light", "dark"], width: int
) -> None:
    product.ollama.answers(tokens=80, rate=0, thinking=5)
    # axe is put into the page, which the policy would forbid; violations are watched in the other journeys.
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{product.url}/accounts/login/")
    findings = _findings(page)
    context.add_cookies(owner["cookies"])  # type: ignore[arg-type]  # what it gives is what it takes
    page.goto(product.url)
    findings += _findings(page)
    send(page, QUESTION)
    expect(finished(page)).to_have_count(1)
    findings += _findings(page)
    for path in PAGES:
        page.goto(product.url + path)
        findings += _findings(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            findings.append(f"{page.url} scrolls sideways")
    context.close()

    assert findings == []


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
