"""Markdown to safe HTML, by the same grammar as the browser's."""

from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# What nests deeper is not shown; the browser's parser, which shows an answer first, draws the line at 100 too.
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
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
# A page waits for its renders: the worst Markdown of this length takes a second, prose a few milliseconds.
# Longer text is shown as it was written.
_MAX_LENGTH = 100_000
# Looking for what an open bracket begins takes time in the square of their number: 10,000 take 60 ms.
_MAX_BRACKETS = 10_000
# The label of an image is parsed again, so these cost more: 10,000 of them took four seconds.
_MAX_IMAGES = 1_000


def render_markdown(text: str) -> str:
    """This will render Markdown; raw HTML in it is shown as text, and the result holds no script.

    Two walls: the parser makes no HTML of its input's tags, and the sanitizer keeps only a
    list of harmless ones.
    """
    if len(text) > _MAX_LENGTH or text.count("[") > _MAX_BRACKETS or text.count("![") > _MAX_IMAGES:
        return f"<pre>{escapeHtml(text)}</pre>"
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
