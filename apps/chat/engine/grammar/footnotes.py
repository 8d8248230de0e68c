"""Footnotes: `[^label]` in the text, `[^label]: …` anywhere; numbered as they are first named, listed at the end.

No ids or anchors: an answer must not name parts of the page. The page ties number and note together by their order.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_LABEL = re.compile(r"\[\^([^\[\]\\^ \t\n]{1,60})\]")
_DEFINITION = re.compile(r"\[\^([^\[\]\\^ \t\n]{1,60})\]:")
# What follows in a note's next paragraphs is indented by so much.
_INDENT = 4


def install_footnotes(md: MarkdownIt) -> None:
    """This will teach the parser footnotes."""
    md.block.ruler.before("reference", "footnote", _definition, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("link", "footnote_ref", _reference)
    md.core.ruler.push("footnotes", _gather)
    md.add_render_rule("footnote_ref", _render_reference)


def _definition(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    begin, end = state.bMarks[start_line] + state.tShift[start_line], state.eMarks[start_line]
    match = _DEFINITION.match(state.src, begin, end)
    if not match:
        return False
    if silent:
        return True
    label = ":" + match[1]
    state.env.setdefault("footnotes", {}).setdefault(label, 0)
    opening = state.push("footnote_open", "li", 1)
    opening.meta, opening.map = {"label": label}, [start_line, start_line]
    _tokenize_within(state, start_line, end_line, match.end())
    opening.map = [start_line, state.line]
    state.push("footnote_close", "li", -1)
    return True


def _tokenize_within(state: StateBlock, line: int, end_line: int, after: int) -> None:
    """Read the note's blocks: the rest of its first line, and what is indented below."""
    kept = state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType
    at = after
    while at < state.eMarks[line] and state.src[at] in " \t":
        at += 1
    state.bMarks[line], state.tShift[line] = at, 0
    state.blkIndent += _INDENT
    state.sCount[line], state.parentType = state.blkIndent, "footnote"
    state.md.block.tokenize(state, line, end_line)
    state.blkIndent -= _INDENT
    state.bMarks[line], state.tShift[line], state.sCount[line], state.parentType = kept


def _reference(state: StateInline, silent: bool) -> bool:
    match = _LABEL.match(state.src, state.pos, state.posMax)
    if not match or state.linkLevel > 0:
        return False
    notes = state.env.get("footnotes", {})
    label = ":" + match[1]
    if label not in notes:
        return False
    if not silent:
        if not notes[label]:
            state.env["footnote_count"] = notes[label] = state.env.get("footnote_count", 0) + 1
        state.push("footnote_ref", "sup", 0).content = str(notes[label])
    state.pos = match.end()
    return True


def _gather(state: StateCore) -> None:
    """Take the notes out of the text and list them at its end: the named ones by number, then the others."""
    if not state.env.get("footnotes"):
        return
    text: list[Token] = []
    notes: dict[str, list[Token]] = {}
    outer: list[list[Token]] = []
    into = text
    for token in state.tokens:
        if token.type == "footnote_open":
            outer.append(into)
            into = notes.setdefault(token.meta["label"], [])
        elif token.type == "footnote_close":
            into = outer.pop()
        else:
            into.append(token)
    if notes:
        state.tokens[:] = [*text, *_listed(notes, state.env["footnotes"])]


def _listed(notes: dict[str, list[Token]], numbers: dict[str, int]) -> list[Token]:
    labels = sorted(notes, key=lambda label: numbers[label] or math.inf)
    opening = _token("footnotes_open", "ol", 1)
    opening.attrSet("class", "footnotes")
    # Only a part of a text that is still arriving begins with a later one.
    if (first := numbers[labels[0]]) > 1:
        opening.attrSet("start", str(first))
    listed = [opening]
    for label in labels:
        listed += [_token("footnote_open", "li", 1), *notes[label], _token("footnote_close", "li", -1)]
    return [*listed, _token("footnotes_close", "ol", -1)]


def _token(kind: str, tag: str, nesting: Any) -> Token:
    token = Token(kind, tag, nesting)
    token.block = True
    return token


def _render_reference(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<sup class="footnote">{tokens[at].content}</sup>'
