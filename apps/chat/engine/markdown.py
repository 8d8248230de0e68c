"""Markdown to safe HTML, by the same grammar as the browser's."""

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": False})
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img",
    "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "code": {"class"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
# Past this a render takes a tenth of a second; such text is shown as it was written.
_MAX_LENGTH = 400_000


def render_markdown(text: str) -> str:
    """This will render Markdown; raw HTML in it is shown as text, and the result holds no script.

    Two walls: the parser makes no HTML of its input's tags, and the sanitizer keeps only a
    list of harmless ones.
    """
    if len(text) > _MAX_LENGTH:
        return f"<pre>{nh3.clean_text(text)}</pre>"
    return nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
