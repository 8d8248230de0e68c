"""The stream renderer in a real browser: however a text arrives, the page ends up with the whole render."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.doubles.texts import expected_text
from tests.frontend.bundling import bundled
from tests.frontend.corpus import CORNERS, rich_answer
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A blank page with the renderer in it."""
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(content=bundled(HERE / "stream-page.mjs"))
        yield page


@pytest.mark.parametrize("corner", CORNERS)
def test_a_corner_of_markdown_ends_as_the_whole_render(page: Any, corner: str) -> None:
    text = CORNERS[corner]

    for seed in range(12):
        got, wanted = page.evaluate(
            "([text, seed]) => [streamed(text, seeded(seed), { largest: 1 + seed }), whole(text)]", [text, seed]
        )
        assert got == wanted


@pytest.mark.parametrize("seed", range(30))
def test_a_random_answer_ends_as_the_whole_render(page: Any, seed: int) -> None:
    text = expected_text(f"prompt {seed}", 40 + 20 * seed)

    got, wanted = page.evaluate(
        "([text, seed]) => [streamed(text, seeded(seed), { paintEvery: 3 }), whole(text)]", [text, seed]
    )

    assert got == wanted


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_with_one_of_everything_ends_as_the_whole_render(page: Any, seed: int) -> None:
    parts = list(CORNERS.values())
    Random(seed).shuffle(parts)
    text = "\n\n".join(parts) if seed else rich_answer()

    got, wanted = page.evaluate(
        "([text, seed]) => [streamed(text, seeded(seed), { paintEvery: 3, largest: 40 }), whole(text)]", [text, seed]
    )

    assert got == wanted


LONG = {
    "a list of 3,000 items": "".join(f"- item **{n}** of `many`\n" for n in range(3000)),
    "a loose list": "".join(f"{n}. item *{n}*\n\n   with more\n\n" for n in range(1, 1200)),
    "a table of 2,000 rows": "| a | b |\n|---|--:|\n" + "".join(f"| row {n} | {n} |\n" for n in range(2000)),
    "one giant paragraph": "Some *words* and `code` of one paragraph that does not end. " * 2000,
    "a paragraph of short lines": "a line of words\n" * 6000,
    "a quote of 2,000 lines": "> a line of **words**\n" * 2000,
    "one line of a million characters": "x" * 1_000_000,
    "too much to render": "*a* " * 60_000,
}


@pytest.mark.parametrize("name", LONG)
def test_one_long_block_ends_as_the_whole_render_in_bounded_time(page: Any, name: str) -> None:
    got, wanted, worst_ms = page.evaluate("([text]) => streamedLong(text)", [LONG[name]])

    assert got == wanted
    # Ten times what it takes on an idle machine; nothing may freeze the page.
    assert worst_ms < 1500


def test_what_is_rendered_holds_nothing_that_acts(page: Any) -> None:
    hostile = "\n\n".join(
        [
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert(1)) [b](data:text/html;base64,PHM+) <javascript:alert(1)>",
            "![x](javascript:alert(1))",
            "```x\"onmouseover=alert(1)\ncode\n```",
            "[id]: javascript:alert(1)\n\n[id]",
        ]
    )  # fmt: skip

    found = page.evaluate(
        """(text) => {
          const root = document.createElement('div');
          root.innerHTML = streamed(text, seeded(1));
          const all = [...root.querySelectorAll('*')];
          return {
            tags: all.map((e) => e.localName).filter((n) => ['script', 'img', 'iframe', 'style', 'object'].includes(n)),
            handlers: all.flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on') || n === 'style'),
            links: [...root.querySelectorAll('a')].map((e) => e.getAttribute('href')).filter((h) => h && !/^https?:/.test(h)),
          };
        }""",
        hostile,
    )

    assert found == {"tags": [], "handlers": [], "links": []}


def test_a_long_answer_is_not_quadratic(page: Any) -> None:
    paragraph = "One of many **sentences** that make a `paragraph` of an answer.\n\n"

    short, long = page.evaluate(
        "(p) => [paintCost(p.repeat(40)), paintCost(p.repeat(40)), paintCost(p.repeat(400))].slice(1)", paragraph
    )

    # Ten times the text; a quadratic renderer takes a hundred times as long.
    assert long < short * 40
