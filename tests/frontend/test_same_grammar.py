"""The server's Markdown and the browser's: the same text gives the same bytes."""

import json
import subprocess
from pathlib import Path
from random import Random

from apps.chat.engine.markdown import html_of
from olympus.runtime.frontend import find_node
from olympus.runtime.places import ROOT
from tests.doubles.texts import expected_text
from tests.frontend.corpus import CORNERS, rich_answer

_RENDER = """
import esbuild from 'esbuild';
import { readFileSync } from 'node:fs';
const built = await esbuild.build({ entryPoints: ['src/chat/markdown.js'], bundle: true, format: 'esm', write: false,
  platform: 'node', logLevel: 'error' });
const { html } = await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].text).toString('base64')}`);
const texts = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map((text) => html(text, {}))));
"""
# Beginnings and ends of every construct, to be thrown together.
PIECES = [
    *(
        "a|b |1| |\n|\n\n|  |    |\t|*|**|_|`|```|~~|$|$$|\\|\\(|\\)|\\[|\\]|[|]|[^1]|[^1]: |[^a]|(|)|<|>|> |- |1. |- [ ] |"
        "#|# |---|===|![|](http://a.b)|&amp;|&|é|你|😀|<http://a.b>|:|\"|[x]: http://r.s\n|\u202e|\u00a0|\n$$\n|\n\\[\n"
    ).split("|"),
    "|", "|-|-|", "\n|a|b|\n|--|:-:|\n",
]  # fmt: skip


def in_browser(texts: list[str]) -> list[str]:
    node, _npm = find_node()
    command: list[str | Path] = [node, "--input-type=module", "-e", _RENDER]
    done = subprocess.run(
        command, check=True, capture_output=True, input=json.dumps(texts).encode(), cwd=ROOT / "frontend", timeout=100
    )
    rendered: list[str] = json.loads(done.stdout)
    return rendered


def differing(texts: list[str]) -> list[str]:
    return [text for text, html in zip(texts, in_browser(texts), strict=True) if html_of(text) != html]


def test_every_construct_and_corner_gives_the_same_bytes() -> None:
    assert differing([*CORNERS.values(), rich_answer()]) == []


def test_answers_as_models_write_them_give_the_same_bytes() -> None:
    assert differing([expected_text(f"prompt {seed}", 400) for seed in range(10)]) == []


def test_what_is_thrown_together_gives_the_same_bytes() -> None:
    random = Random(20)

    texts = ["".join(random.choices(PIECES, k=random.randint(3, 60))) for _ in range(2000)]

    assert differing(texts) == []


def test_both_give_up_on_the_same_texts() -> None:
    texts = ["*a* " * 60_000, "x" * 400_001, "[" * 100_000, "|a" * 9_000 + "|\n" + "|-" * 9_000 + "|\n" + "b\n" * 99]

    assert differing(texts) == []
    assert all(html.startswith('<pre class="unrendered">') for html in in_browser(texts))
