"""Every screen and state, by day and night, wide and narrow: nothing for axe, for the policy or sideways."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from olympus.runtime.places import ROOT
from tests.screens.states import SCREENS, Screen
from tests.screens.world import World, seeded_world
from tests.support.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.stack]
_SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 1440, "height": 900}, {"width": 390, "height": 844})
_THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
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


class _Tab:
    """A tab with axe in every page of it; `complaints` are what its pages complained about."""

    def __init__(self, browser: Browser, world: World, screen: Screen) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(reduced_motion="reduce")
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(path=ROOT / "frontend/node_modules/axe-core/axe.min.js")
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("console", self._hear)
        if screen.person:
            self.context.add_cookies(world.cookies[screen.person])  # type: ignore[arg-type]  # what the browser gave
        self.page = self.context.new_page()

    def _hear(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.complaints.append(said.text)


class Tabs:
    """A tab for each person, kept: opening one takes as long as all that is asked of a screen."""

    def __init__(self, browser: Browser, world: World) -> None:
        self._browser, self._world = browser, world
        self._kept: dict[str | None, _Tab] = {}

    @contextmanager
    def of(self, screen: Screen) -> Iterator[_Tab]:
        """This will lend a tab; steps leave traces, so a screen that has some gets its own."""
        if screen.steps is None:
            tab = self._kept.get(screen.person) or _Tab(self._browser, self._world, screen)
            self._kept[screen.person] = tab
            yield tab
            tab.complaints.clear()
            return
        tab = _Tab(self._browser, self._world, screen)
        try:
            yield tab
        finally:
            tab.context.close()


@pytest.fixture(scope="module")
def tabs(browser: Browser, world: World) -> Tabs:
    """The tabs of all people."""
    return Tabs(browser, world)


def _check(tabs: Tabs, world: World, screen: Screen) -> None:
    with tabs.of(screen) as tab:
        tab.page.set_viewport_size(_SIZES[0])
        tab.page.emulate_media(color_scheme="light")
        world.show(tab.page, screen)
        found = []
        for size in _SIZES:
            tab.page.set_viewport_size(size)
            for theme in _THEMES:
                tab.page.emulate_media(color_scheme=theme)
                tab.page.evaluate(_PAINTED)
                tab.page.wait_for_timeout(_SETTLED_MS)
                found += _findings(tab.page, screen, theme, size["width"])
        found += tab.complaints

    assert not found, "\n".join(dict.fromkeys(found))


# Two classes, so that both cores get one.
class TestTheChat:
    """The chat's own screens."""

    @pytest.mark.parametrize("screen", _OF_THE_CHAT, ids=_named)
    def test_a_screen_has_no_finding(self, tabs: Tabs, world: World, screen: Screen) -> None:
        _check(tabs, world, screen)


class TestAllOthers:
    """Every other screen."""

    @pytest.mark.parametrize("screen", _OTHERS, ids=_named)
    def test_a_screen_has_no_finding(self, tabs: Tabs, world: World, screen: Screen) -> None:
        _check(tabs, world, screen)
