"""The search page in a real browser: its first places, the rest when asked, and where the focus goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.frontend.bundling import bundled
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser
_FORM = """<!doctype html><div id="said"></div>
<form data-search-form><input name="q" value="stone"><select name="when"><option value="">Any</option></select></form>
<div data-search-results>{results}</div>"""


def results(count: int, *, more: str = "") -> str:
    """As many places, and the button to the others."""
    places = "".join(f'<li><a href="#{n}">Place {n}</a></li>' for n in range(count))
    button = f'<a data-more-found href="{more}">Show more places</a>' if more else ""
    return f'<p data-search-count>{count} places</p><ul class="found">{places}</ul>{button}'


@pytest.fixture
def page() -> Iterator[Any]:
    """The page of a search with more places than are shown."""
    first = results(2, more="/search/?q=stone&all=1")
    bodies = {"/search/?q=stone&all=1": results(5), "/search/?q=stones": results(1)}

    def answer(route: Any) -> None:
        asked = route.request.url.removeprefix("http://olympus.test")
        route.fulfill(content_type="text/html", body=bodies.get(asked, _FORM.format(results=first)))

    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto("http://olympus.test/search/?q=stone")
        page.add_script_tag(content=bundled(Path(__file__).parent / "search-page.mjs"))
        yield page


def test_the_rest_comes_in_place_and_the_focus_goes_on_where_the_button_was(page: Any) -> None:
    page.click("[data-more-found]")

    page.wait_for_selector("a[href='#4']")
    assert page.evaluate("() => document.activeElement.textContent") == "Place 2"
    assert page.inner_text("#said") == "5 places"
    assert page.url.endswith("/search/?q=stone&all=1")


def test_another_word_begins_with_the_first_places_again(page: Any) -> None:
    page.click("[data-more-found]")
    page.wait_for_selector("a[href='#4']")

    page.fill("input", "stones")

    page.wait_for_selector("a[href='#1']", state="detached")
    assert page.url.endswith("/search/?q=stones")
    assert page.evaluate("() => document.activeElement.name") == "q"
