"""The stream renderer in a real browser: however a text arrives, the page ends up with the whole render."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from olympus.runtime.frontend import find_node
from olympus.runtime.places import ROOT
from tests.doubles.texts import expected_text
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
_BUNDLE = """
import esbuild from 'esbuild';
const built = await esbuild.build({ entryPoints: [process.argv[1]], bundle: true, format: 'iife', write: false,
  logLevel: 'error' });
process.stdout.write(built.outputFiles[0].text);
"""

CORNERS = {
    "a heading that becomes text": "a\n#b\n\nc",
    "a bullet that becomes an underline": "title\n-\n\n-\n\n- x",
    "an underline after two lines": "a\nb\n===\n\nc\n---\nd",
    "a number that becomes a list": "a\n1. b\n2. c\n\n\n3. d\n\nend",
    "a loose list": "- a\n\n- b\n\n  more\n\n- c\n\nend",
    "two kinds of bullets": "- a\n* b\n+ c\n\nend",
    "lazy quotes": "> a\nb\nc\n\n> d\n>\n> e\n\nend",
    "a table under a paragraph": "words\na | b\n--|--:\n1 | 2\n\nend",
    "a table without an end": "| a | b |\n|---|---|\n| 1 | 2 |",
    "code in fences": "```py\nx = 1\n\n\ny\n```\nafter\n~~~~\n~~~\n~~~~\nend",
    "a fence that never closes": "text\n\n```js\nlet a = `b`;\n``",
    "a fence inside a list": "1. a\n   ```\n   b\n   ```\n2. c\n\nend",
    "indented code": "a\n\n    b\n\n    c\n\nd",
    "a link named later": "see [one] and [two]\n\ntext\n\n[one]: https://a.example\n\n[two]: https://b.example 'T'",
    "a link named before": "[one]: https://a.example\n\nsee [one]\n\nand [one] again",
    "windows line ends": "a\r\nb\r\n\r\n```\r\nc\r\n```\r\n\r\nd\rlast",
    "half a link and half a bold": "so [a](https://x.exa and **bo",
    "html as text": "<script>alert(1)</script>\n\n<div>\n\n</div> &amp; <b onclick=x>",
    "images": "![a](https://x.example/i.png) and ![](/j.png 't')",
    "rules": "a\n\n***\n\n---\nb\n- - -\nc",
    "blank lines with spaces": "a\n   \n \t \nb\n\n\n",
    "only code ticks": "`a` ``b ` c`` ```d``` and ` open",
}  # fmt: skip


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A blank page with the renderer in it."""
    node, _npm = find_node()
    command: list[str | Path] = [node, "--input-type=module", "-e", _BUNDLE, str(HERE / "stream-page.mjs")]
    bundle = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT / "frontend", timeout=60)
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(content=bundle.stdout)
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
