"""Trouble with services in a real browser: one sentence an outage, a way to its card, the number in the navigation."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from olympus.runtime.places import ROOT
from tests.frontend.bundling import bundled
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser
SERVICE = "0190d1c0-0000-7000-8000-000000000001"
# What came from elsewhere, and is a name and nothing else.
NAME = "<img src=x>"
PAGE = """<!doctype html><html lang="en"><body><div id="app"{who}></div>
<a data-troubled hidden><span data-number>0</span> in trouble</a></body></html>"""


class Site:
    """A page whose line a test holds the other end of."""

    def __init__(self, page: Page, script: str, *, who: str = " data-administers") -> None:
        self.page, self.lines = page, list[Any]()
        page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=PAGE.format(who=who)))
        page.route_web_socket("**/ws/", lambda line: self.lines.append(line))
        page.goto("http://olympus.test/")
        page.add_script_tag(content=script)

    def tell(self, **news: Any) -> None:
        """Tell of trouble, as the server does."""
        known = {"type": "discovery.trouble", "service": SERVICE, "name": NAME, "state": "offline",
                 "since": "2026-09-01T12:00:00Z", "is_over": False, "stand_ins": [], "missing": [], "troubled": 1}  # fmt: skip
        while not self.lines:
            self.page.wait_for_timeout(5)
        self.lines[0].send(json.dumps({**known, **news}))

    def see(self, *, is_seen: bool) -> None:
        """Look at the page, or away."""
        state = "visible" if is_seen else "hidden"
        self.page.evaluate(
            """(state) => { Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true });
            document.dispatchEvent(new Event('visibilitychange')); }""",
            state,
        )


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    entry: Path = tmp_path_factory.mktemp("alerts") / "entry.js"
    source = ROOT / "frontend" / "src" / "alerts.js"
    entry.write_text(f"import {{ installAlerts }} from {json.dumps(str(source))};\ninstallAlerts();\n")
    return bundled(entry)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def test_an_outage_is_said_with_who_serves_meanwhile_and_its_end_takes_its_place(page: Page, script: str) -> None:
    site, toast, mark = Site(page, script), page.locator(".toast"), page.locator("[data-troubled]")

    site.tell(stand_ins=["Attic", "Cellar"], missing=["large"])
    expect(toast).to_contain_text(f"{NAME} has not answered since")
    expect(toast).to_contain_text("Its calls go to Attic and Cellar meanwhile. No other server has large.")
    expect(toast.get_by_role("link")).to_have_attribute("href", f"/settings/services/#service-{SERVICE}")
    expect(mark).to_have_text("1 in trouble")
    site.tell(state="healthy", is_over=True, troubled=0)

    expect(toast).to_contain_text(f"{NAME} serves again.")
    expect(toast).to_have_count(1)
    expect(mark).to_be_hidden()


def test_what_nobody_saw_is_said_when_somebody_looks_and_not_if_it_is_over_by_then(page: Page, script: str) -> None:
    site, toast, mark = Site(page, script), page.locator(".toast"), page.locator("[data-number]")
    site.see(is_seen=False)

    site.tell(service="1", name="Gone", troubled=1)
    site.tell(service="2", name="Back", troubled=2)
    site.tell(service="2", name="Back", state="healthy", is_over=True, troubled=3)
    expect(mark).to_have_text("3")
    expect(toast).to_have_count(0)
    site.see(is_seen=True)

    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("Gone has not answered")


def test_members_open_no_line_for_it(page: Page, script: str) -> None:
    site = Site(page, script, who="")

    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")

    assert site.lines == []
