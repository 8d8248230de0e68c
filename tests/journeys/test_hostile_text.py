"""Hostile words in every place that shows words: nothing runs, nothing is fetched from elsewhere, nothing freezes."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.frontend.hostile import HOSTILE, hostile_text
from tests.journeys.conftest import Product
from tests.journeys.steps import finished, send

pytestmark = [pytest.mark.browser, pytest.mark.stack]
# What no answer may make of its words; pictures and buttons of our own are named.
_ACTING = """() => [...document.querySelectorAll('.turn .prose *, .turn .bubble *, .rail a *, h1 *')].flatMap((element) => [
  ...(['script', 'iframe', 'object', 'embed', 'base', 'link', 'style', 'form', 'template'].includes(element.localName) ? [element.outerHTML] : []),
  ...(element.localName === 'img' && !element.src.startsWith('blob:') ? [element.outerHTML] : []),
  ...element.getAttributeNames().filter((name) => name.startsWith('on') || (name === 'id' && !element.closest('svg'))).map((name) => element.outerHTML),
  ...(element.localName === 'a' && !/^(https?:|mailto:|[/#?.]|[^:]*$)/.test(element.getAttribute('href') ?? '') ? [element.outerHTML] : []),
])"""


@pytest.fixture
def strangers(page: Page, product: Product) -> Iterator[list[str]]:
    """Addresses outside of the product that were asked for, and dialogs that opened."""
    seen: list[str] = []

    def watch(route: Route) -> None:
        address = route.request.url
        if not address.startswith((product.url, "blob:", "data:")):
            seen.append(address)
        route.continue_()

    page.route("**/*", watch)
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))  # type: ignore[func-returns-value]
    yield seen
    assert seen == []


def check_harmless(page: Page) -> None:
    assert page.evaluate("() => window.ran === undefined")
    assert page.evaluate(_ACTING) == []


@pytest.mark.parametrize("half", [0, 1])
def test_an_answer_of_hostile_text_does_nothing(product: Product, page: Page, strangers: list[str], half: int) -> None:
    parts = list(HOSTILE.values())[half::2]
    product.ollama.answers(pieces=tuple(f"{part}\n\n" for part in parts), rate=60)
    send(page, "say it")

    expect(finished(page)).to_have_count(1, timeout=30_000)
    check_harmless(page)
    page.reload()
    expect(finished(page)).to_have_count(1)
    check_harmless(page)


def test_a_message_of_hostile_text_does_nothing_and_keeps_its_words(
    product: Product, page: Page, strangers: list[str]
) -> None:
    text = hostile_text()[:30_000]
    send(page, text)

    expect(finished(page)).to_have_count(1, timeout=30_000)
    check_harmless(page)
    shown = page.locator(".turn.mine .bubble").text_content()
    assert shown is not None
    assert "<script>window.ran=1</script>" in shown
    page.reload()
    check_harmless(page)


@pytest.mark.parametrize("name", ["an image that fails", "a script", "turned letters", "heaps of accents"])
def test_a_hostile_title_is_only_a_title(product: Product, page: Page, strangers: list[str], name: str) -> None:
    send(page, HOSTILE[name])
    expect(finished(page)).to_have_count(1)

    page.reload()

    expect(page.locator("#rail-list [aria-current=page]")).to_be_visible()
    check_harmless(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_hostile_file_name_is_only_a_name(product: Product, page: Page, strangers: list[str]) -> None:
    name = "<img src=x onerror=window.ran=1>\u202efdp.txt"
    page.set_input_files("#composer input[type=file]", [FilePayload(name=name, mimeType="text/plain", buffer=b"words")])
    expect(page.locator("#composer .clip[data-state=ready]")).to_have_count(1)

    send(page, "look")

    expect(finished(page)).to_have_count(1)
    check_harmless(page)


def test_a_text_too_complex_to_draw_is_shown_as_it_was_written(product: Product, page: Page) -> None:
    product.ollama.answers(pieces=("*a* " * 4_000,) * 12, rate=20)
    page.evaluate(
        """() => {
          window.longest = 0;
          let last = performance.now();
          setInterval(() => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; }, 20);
        }"""
    )
    send(page, "say it")

    expect(finished(page)).to_have_count(1, timeout=30_000)
    expect(page.locator(".unrendered-note")).to_be_visible()
    # Ten times what it takes on an idle machine.
    assert json.loads(str(page.evaluate("() => longest"))) < 3_000
    page.reload()
    expect(page.locator(".unrendered-note")).to_be_visible()
