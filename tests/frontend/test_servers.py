"""The list of model servers in a real browser: it follows what the server says, and keeps out of the way of hands."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from olympus.runtime.places import ROOT
from tests.frontend.bundling import bundled
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser
_LOOK_MS = 3000
# Longer than a request to this very process takes, and than what follows it.
_PATIENCE_MS = 5000


class Site:
    """A page of model servers whose answers a test sets."""

    def __init__(self, page: Any, script: str) -> None:
        self.page, self.asked, self.status = page, 0, 200
        self.rows = row("a", "Attic", "Answers")
        page.clock.install()
        page.route("**/*", self._answer)
        page.goto("http://olympus.test/settings/providers/")
        page.add_script_tag(content=script)
        self.asked = 0

    def _answer(self, route: Any) -> None:
        self.asked += 1
        body = f'<div id="said"></div><div data-servers><ul>{self.rows}</ul></div>'
        route.fulfill(status=self.status, content_type="text/html", body=f"<!doctype html><body>{body}</body>")

    def look(self, rows: str | None = None) -> None:
        """Let the page look once; what it asks for is answered with these rows."""
        self.rows = self.rows if rows is None else rows
        before = self.asked
        with self.page.expect_response("**/*", timeout=_PATIENCE_MS) as answer:
            self.page.clock.run_for(_LOOK_MS)
        answer.value.finished()
        self.page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
        assert self.asked == before + 1

    @property
    def text(self) -> str:
        return " ".join(self.page.inner_text("[data-servers]").split())

    @property
    def said(self) -> str:
        return str(self.page.inner_text("#said"))


def row(pk: str, name: str, state: str, *, button: str = "Turn off", token: str = "1") -> str:
    return (
        f'<li data-server="{pk}"><div class="what"><b>{name} <span class="tag" data-state="{state}">{state}</span></b> '
        f'<small>ollama</small></div><div class="actions"><form><input type="hidden" name="token" value="{token}">'
        f"<button>{button}</button></form></div></li>"
    )


@pytest.fixture(scope="module")
def script() -> str:
    return bundled(ROOT / "frontend" / "src" / "servers.js")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(browser: Any, script: str) -> Iterator[Site]:
    page = browser.new_page()
    yield Site(page, script)
    page.close()


def test_a_servers_state_is_shown_and_said_when_it_changes(site: Site) -> None:
    site.look(row("a", "Attic", "Silent"))

    assert site.text == "Attic Silent ollama Turn off"
    assert site.said == "Attic: Silent"


def test_nothing_is_touched_where_only_the_forms_tokens_are_others(site: Site) -> None:
    site.page.evaluate("() => { kept = document.querySelector('button') }")

    site.look(row("a", "Attic", "Answers", token="2"))

    assert site.page.evaluate("() => kept.isConnected")
    assert site.said == ""


def test_all_that_changed_at_once_is_said(site: Site) -> None:
    site.look(row("a", "Attic", "Answers") + row("b", "Barn", "Answers"))

    site.look(row("a", "Attic", "Silent") + row("b", "Barn", "Off", button="Turn on"))

    assert site.said == "Attic: Silent. Barn: Off"
    assert site.text == "Attic Silent ollama Turn off Barn Off ollama Turn on"


def test_servers_come_and_go(site: Site) -> None:
    site.look(row("b", "Barn", "Answers") + row("a", "Attic", "Answers"))
    come = site.text
    site.look("")

    assert come == "Barn Answers ollama Turn off Attic Answers ollama Turn off"
    assert site.text == ""


def _focus(page: Any) -> None:
    page.focus("button")


def _select(page: Any) -> None:
    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('[data-servers] small'))")


def _ask(page: Any) -> None:
    page.evaluate("() => document.body.append(Object.assign(document.createElement('dialog'), { open: true }))")


@pytest.mark.parametrize("use", [_focus, _select, _ask])
def test_what_is_in_use_stays_until_it_is_let_go(use: Callable[[Any], None], site: Site) -> None:
    use(site.page)
    site.look(row("a", "Attic", "Answers", button="Turn on") + row("b", "Barn", "Answers"))
    in_use = site.text
    site.page.evaluate(
        "() => { document.activeElement.blur(); getSelection().empty(); document.querySelector('dialog')?.remove() }"
    )

    site.look()

    assert in_use.startswith("Attic Answers ollama Turn o")
    assert "Barn" not in in_use
    assert site.text == "Attic Answers ollama Turn on Barn Answers ollama Turn off"
    assert site.said == "Barn: Answers"


def test_the_state_is_followed_while_a_button_of_its_row_has_the_focus(site: Site) -> None:
    _focus(site.page)

    site.look(row("a", "Attic", "Silent", button="Turn on"))

    assert site.text == "Attic Silent ollama Turn off"
    assert site.page.evaluate("() => document.activeElement.textContent") == "Turn off"


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_answer_that_is_none_changes_nothing_and_the_next_one_counts(status: int, site: Site) -> None:
    site.status = status
    site.look("")
    meanwhile = site.text
    site.status = 200

    site.look(row("a", "Attic", "Silent"))

    assert meanwhile == "Attic Answers ollama Turn off"
    assert site.text == "Attic Silent ollama Turn off"


def test_a_page_that_nobody_sees_asks_nothing_until_it_is_seen(site: Site) -> None:
    hide = "(state) => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true }) }"
    site.page.evaluate(hide, "hidden")
    site.page.clock.run_for(3 * _LOOK_MS)
    asked = site.asked
    site.page.evaluate(hide, "visible")

    with site.page.expect_response("**/*", timeout=_PATIENCE_MS):
        site.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")

    assert (asked, site.asked) == (0, 1)


def test_one_look_waits_for_the_one_before(site: Site) -> None:
    held: list[Any] = []
    site.page.unroute("**/*")
    site.page.route("**/*", lambda route: held.append(route))

    site.page.clock.run_for(4 * _LOOK_MS)
    site.page.evaluate("() => new Promise((done) => requestIdleCallback(done))")

    assert len(held) == 1
    held[0].abort()
