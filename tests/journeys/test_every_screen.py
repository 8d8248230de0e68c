"""Every screen and state, by day and night, wide and narrow: nothing for axe, for the policy or sideways."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from olympus.runtime.places import ROOT
from tests.screens.states import SCREENS, Screen
from tests.screens.world import World, seeded_world
from tests.support.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.stack]
_SIZES = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
_OF_THE_CHAT = [screen for screen in SCREENS if screen.name.startswith("chat")]
_OTHERS = [screen for screen in SCREENS if screen not in _OF_THE_CHAT]
# Without motion a color changes within a frame, then what inherits it in the next ones.
_SETTLED_MS = 100
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
# The night changes colors alone, and axe takes longest for what it need not ask again.
_BY_NIGHT = ["color-contrast", "link-in-text-block"]
# Django's admin alone imports style sheets from others, which axe reads through a <style> that the policy stops.
_RUN_AXE = """([foreign, rules]) => axe.run({ exclude: foreign ? [[foreign]] : [] }, {
    iframes: false, preload: !location.pathname.startsWith('/admin/'), resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) }).then((result) =>
    result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).slice(0, 3).join(' | ')}`))"""


def _named(screen: Screen) -> str:
    return screen.name


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all screens."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[World]:
    """One full workspace for all screens."""
    with seeded_world(browser) as seeded:
        yield seeded


def _findings(page: Page, screen: Screen, theme: str, width: int) -> list[str]:
    place = f"{screen.name} {page.url} {theme} {width}"
    found = [
        f"{place} {finding}"
        for finding in page.evaluate(_RUN_AXE, [screen.foreign, _BY_NIGHT if theme == "dark" else None])
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{place} scrolls sideways")
    return found


def _check(browser: Browser, world: World, screen: Screen) -> None:
    context = browser.new_context(viewport=_SIZES[0], reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    try:
        page = world.open(context, screen)
        page.evaluate((ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text())
        for size in _SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.evaluate(_PAINTED)
                page.wait_for_timeout(_SETTLED_MS)
                complaints += _findings(page, screen, theme, size["width"])
    finally:
        context.close()

    assert not complaints, "\n".join(dict.fromkeys(complaints))


# Two classes, so that both cores get one.
class TestTheChat:
    """The chat's own screens."""

    @pytest.mark.parametrize("screen", _OF_THE_CHAT, ids=_named)
    def test_a_screen_has_no_finding(self, browser: Browser, world: World, screen: Screen) -> None:
        _check(browser, world, screen)


class TestAllOthers:
    """Every other screen."""

    @pytest.mark.parametrize("screen", _OTHERS, ids=_named)
    def test_a_screen_has_no_finding(self, browser: Browser, world: World, screen: Screen) -> None:
        _check(browser, world, screen)
