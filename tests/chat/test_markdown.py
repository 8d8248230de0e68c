"""Markdown from a model, which may say anything, becomes HTML that does nothing."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.chat.engine.markdown import RENDER_VERSION, render_markdown

TAGS = set(
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong sup table tbody td th thead tr ul".split()
)
ATTRIBUTES = {"href", "title", "class", "start", "align", "rel"}


PARTS = [*"<>[]()!\"'`*_|:-=\n\t &#;/\\", "script", "javascript:", " onload=", "img", "a", "http://a"]


class _Reader(HTMLParser):
    """Reads HTML as a browser does and fails at whatever could act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            assert name != "href" or re.match(r"(https?|mailto):|[^:]*$|[/?#]", value or ""), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def check_harmless(html: str) -> None:
    _Reader().feed(html)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<a href='javascript:alert(1)'>x</a>",
        "<div style='position:fixed'>x</div>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](\tjavascript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        '[x](https://a/"onmouseover="alert(1))',
        '[x](https://a "title\\" onmouseover=\\"alert(1)")',
        "![x](https://tracker.example/pixel.png)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        '![" onerror="alert(1)](https://a)',
        '```"><script>alert(1)</script>\nx\n```',
        "```js onload=alert(1)\nx\n```",
        "| a |\n|:-:|\n| <script>alert(1)</script> |",
        "<!--<script>-->alert(1)",
        "]]><script>alert(1)</script>",
        "<<script>script>alert(1)<</script>/script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "[a]: javascript:alert(1)\n\n[a]",
        "\x00<script>\x00alert(1)</script>",
    ],
)
def test_nothing_in_it_runs_or_loads(text: str) -> None:
    html = render_markdown(text)

    check_harmless(html)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(PARTS),
        max_size=40,
    )
)
def test_whatever_is_put_together_does_nothing(parts: list[str]) -> None:
    html = render_markdown("".join(parts))

    check_harmless(html)


def test_markup_is_shown_as_text() -> None:
    assert render_markdown("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_what_people_use_comes_out() -> None:
    html = render_markdown(
        "# A\n\n**b** *c* ~~d~~ `e`\n\n- f\n\n3. g\n\n> h\n\n| i |\n|--:|\n| j |\n\n```python\nk = 1\n```\n"
    )

    for piece in (
        "<h1>A</h1>", "<strong>b</strong>", "<em>c</em>", "<s>d</s>", "<code>e</code>", "<li>f</li>",
        '<ol start="3">', "<blockquote>", '<td align="right">j</td>', '<code class="language-python">k = 1',
    ):  # fmt: skip
        assert piece in html


def test_a_link_tells_the_other_site_nothing() -> None:
    html = render_markdown("[x](https://example.org/?a=1&b=2)")

    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_an_image_becomes_a_link_nobody_follows_unasked() -> None:
    html = render_markdown("![a **cat**](https://example.org/cat.png)")

    assert "<img" not in html
    assert '<a href="https://example.org/cat.png"' in html
    assert "cat</a>" in html


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        "> " * 50_000,
        "\n".join("  " * depth + "- a" for depth in range(400)),
        ("- " * 100 + "a\n") * 480,
        "[" * 100_000,
        "[" * 9_999 + "x" * 90_000,
        "![" * 50_000,
        "[a](" * 25_000,
        "*a **b " * 14_000,
        "_" * 100_000,
        "`a " * 33_000,
        "".join("`" * n + "a" for n in range(1, 440)),
        "<" * 100_000,
        "&" * 100_000,
        "|a" * 200 + "|\n" + "|-" * 200 + "|\n" + ("|b" * 200 + "|\n") * 240,
        "a|" * 5_000 + "\n" + "-|" * 5_000 + "\n" + "b\n" * 20_000,
        "x" * 5_000_000,
        "$a " * 33_000,
        "$$a\n" * 25_000,
        "\\(" * 50_000,
        "\\[\n" * 33_000,
        "".join(f"[^{n}]: a[^{n}]\n" for n in range(6_000)),
        "[^1]: " * 16_000,
        "[^1]" * 25_000 + "\n\n[^1]: a",
        "- [ ] " * 16_000,
        "a|" * 10_000 + "\n" + "-|" * 10_000 + "\n" + "b\n" * 20_000,
        "|a|b|\n|-|-|\n|c|d|\n\n" * 4_000,
        "<http://a.b>" * 8_000,
        "[a](http://" + "\u00e9" * 90_000 + ")",
        "\u202e" * 100_000,
        "e" + "\u0301" * 100_000,
        "\u200b" * 100_000,
    ],
    ids=lambda text: f"{text[:8]!r} {len(text)}",
)
def test_the_worst_takes_a_bounded_time(text: str) -> None:
    started = time.process_time()

    render_markdown(text)

    # Ten times what it takes on an idle machine; what is quadratic takes minutes.
    assert time.process_time() - started < 2.5


def test_what_is_nested_as_deep_as_anybody_writes_is_shown() -> None:
    html = render_markdown("> " * 40 + "deep")

    assert "deep" in html


def test_what_is_too_long_to_render_is_shown_whole_and_harmless() -> None:
    text = "<script>alert(1)</script> **b** " * 20_000

    html = render_markdown(text)

    assert html.startswith('<pre class="unrendered">')
    assert "<script" not in html
    assert html.count("**b**") == 20_000


def test_more_images_than_any_answer_has_are_shown_as_they_were_written() -> None:
    assert render_markdown("![" * 20_000).startswith('<pre class="unrendered">')
    assert render_markdown("![a](https://example.org/a.png) " * 100).count("<a ") == 100


def test_a_formula_stays_text_for_the_browser() -> None:
    html = render_markdown("so $a<b$ and\n\n$$\n<script>\n= 1\n$$")

    assert html == '<p>so <code class="maths">a&lt;b</code> and</p>\n<pre class="maths">&lt;script&gt;\n= 1</pre>\n'


def test_prices_are_no_formulas() -> None:
    assert "maths" not in render_markdown("It costs $5 and $10, US$7, $20-$30 or 8$; $HOME and $PATH.")


def test_footnotes_are_numbered_as_they_are_named_and_bring_no_ids() -> None:
    html = render_markdown("b[^b] a[^a] b[^b]\n\n[^a]: Alpha\n[^b]: Beta")

    assert [int(found) for found in re.findall(r"<sup class=\"footnote\">(\d)</sup>", html)] == [1, 2, 1]
    assert html.index("Beta") < html.index("Alpha")
    assert " id=" not in html


def test_tasks_are_marked() -> None:
    html = render_markdown("- [ ] a\n- [x] b\n- c")

    assert re.findall("<li[^>]*>", html) == ['<li class="task">', '<li class="task done">', "<li>"]


def test_what_was_rendered_before_can_be_told_from_what_is_rendered_now() -> None:
    assert RENDER_VERSION >= 1
