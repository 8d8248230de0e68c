"""Blanks where both parsers differ, so that they do not."""

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import escape as escape_rule


def install_blanks(md: MarkdownIt) -> None:
    """This will treat blanks as the browser's parser does; the rest is in frontend/src/chat/markdown.js."""
    md.inline.ruler.at("escape", _escape)


def _escape(state: StateInline, silent: bool) -> bool:
    """A backslash before a blank is only a backslash; the blank may begin a line break."""
    return state.src[state.pos + 1 : state.pos + 2] not in {" ", "\t"} and escape_rule(state, silent)
