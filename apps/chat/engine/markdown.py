"""Markdown to safe HTML, by the same grammar as the browser's."""

from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from apps.chat.engine.grammar.blanks import install_blanks
from apps.chat.engine.grammar.budget import TooComplex, install_budget
from apps.chat.engine.grammar.footnotes import install_footnotes
from apps.chat.engine.grammar.maths import install_maths
from apps.chat.engine.grammar.tasks import install_tasks

# What nests deeper is not shown; the browser draws the same line.
_markdown = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": False, "maxNesting": 100})


def _image_as_link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """An image named by a model would tell a stranger's server that it is read, so it becomes a link."""
    token = tokens[at]
    source = str(token.attrGet("src") or "")
    label = renderer.renderInlineAsText(token.children, options, env) or source
    return f'<a href="{escapeHtml(source)}">{escapeHtml(label)}</a>'


def _align_by_attribute(state: StateCore) -> None:
    """Columns are aligned by style attributes, which the content security policy forbids."""
    for token in state.tokens:
        if token.type in {"td_open", "th_open"} and (style := token.attrGet("style")):
            token.attrs = {"align": str(style).removeprefix("text-align:")}


_markdown.add_render_rule("image", _image_as_link)
_markdown.core.ruler.push("alignment", _align_by_attribute)
for install in (install_blanks, install_maths, install_tasks, install_footnotes, install_budget):
    install(_markdown)
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "li", "ol", "p", "pre", "s", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "li": {"class"},
    "ol": {"class", "start"},
    "pre": {"class"},
    "sup": {"class"},
    "td": {"align"},
    "th": {"align"},
}
# Prose of this length takes 0.2 s; no model writes more in one answer. What it may hold is bounded by the budget.
_MAX_LENGTH = 400_000
# Raised when the same text gives other HTML, so that what was kept is rendered anew.
RENDER_VERSION = 1


def render_markdown(text: str) -> str:
    """This will render Markdown; raw HTML in it is shown as text, and the result holds no script.

    Two walls: the parser makes no HTML of its input's tags, and the sanitizer keeps only a
    list of harmless ones. What would take longer than a page may wait is shown as it was written.
    """
    return nh3.clean(
        html_of(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def html_of(text: str) -> str:
    """This will render Markdown byte for byte as the browser does; it is not sanitized yet."""
    try:
        html: str | None = _markdown.render(text, {}) if len(text) <= _MAX_LENGTH else None
    except TooComplex:
        html = None
    return as_it_was_written(text) if html is None else html


def as_it_was_written(text: str) -> str:
    """This will return text that is not rendered; the page says why."""
    return f'<pre class="unrendered">{escapeHtml(text)}</pre>\n'
