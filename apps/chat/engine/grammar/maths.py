"""TeX in Markdown: `$…$` and `\\(…\\)` in a line, `$$…$$` and `\\[…\\]` displayed; kept as text for the browser to set."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from apps.chat.engine.grammar.budget import spend

# Longer formulas in a line are none; it also bounds how far an opening sign looks for its end.
_MAX_INLINE = 1_000
_MAX_LINES = 200
# As in pandoc, so that prices stay prices: no blank inside of the signs, and no letter or digit outside of them.
_DOLLAR = re.compile(r"\$(?![ \t\n$])((?:\\[\s\S]|[^\\$]){1,1000})(?<![ \t\n])\$(?![0-9A-Za-z$])")
_DOLLARS = re.compile(r"\$\$(?!\$)((?:\\[\s\S]|[^\\$]){1,1000})\$\$(?!\$)")
# "$30 or 8$" is two prices: a number, words, and nothing that only TeX has.
_PRICES = re.compile(r"[0-9][^\\^_={}+*/<>]*[ \n][^\\^_={}+*/<>]*")
_WORD = re.compile(r"[0-9A-Za-z$]")
_CLOSING = {"$$": "$$", "\\[": "\\]"}
_BLANKS = " \t\n"


def install_maths(md: MarkdownIt) -> None:
    """This will teach the parser formulas."""
    md.inline.ruler.before("escape", "maths", _inline)
    md.block.ruler.before("fence", "maths_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.add_render_rule("maths", _render_inline)
    md.add_render_rule("maths_block", _render_block)


def _inline(state: StateInline, silent: bool) -> bool:
    sign = state.src[state.pos]
    if sign == "$":
        found = _dollars(state)
    elif sign == "\\":
        found = _brackets(state)
    else:
        return False
    if not found or found[2] > state.posMax or not found[0].strip(_BLANKS):
        return False
    if not silent:
        token = state.push("maths", "code", 0)
        token.content, token.info = found[0].strip(_BLANKS), "display" if found[1] else ""
    state.pos = found[2]
    return True


def _dollars(state: StateInline) -> tuple[str, bool, int] | None:
    if match := _DOLLARS.match(state.src, state.pos):
        return match[1], True, match.end()
    if state.pos and _WORD.match(state.src[state.pos - 1]):
        return None
    match = _DOLLAR.match(state.src, state.pos)
    return (match[1], False, match.end()) if match and not _PRICES.fullmatch(match[1]) else None


def _brackets(state: StateInline) -> tuple[str, bool, int] | None:
    opening = state.src[state.pos : state.pos + 2]
    if opening not in {"\\(", "\\["}:
        return None
    begin = state.pos + 2
    end = state.src.find("\\)" if opening == "\\(" else "\\]", begin, begin + _MAX_INLINE)
    return (state.src[begin:end], opening == "\\[", end + 2) if end >= 0 else None


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    begin, end = state.bMarks[start_line] + state.tShift[start_line], state.eMarks[start_line]
    closing = _CLOSING.get(state.src[begin : begin + 2])
    if not closing or state.is_code_block(start_line) or state.src[begin + 2 : begin + 3] == "$":
        return False
    lines: list[str] = []
    line, text = start_line, state.src[begin + 2 : end]
    while (at := text.find(closing)) < 0:
        lines.append(text)
        line += 1
        spend(state.env, 1)
        if line >= end_line or len(lines) >= _MAX_LINES or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            return False
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    content = "\n".join([*lines, text[:at]]).strip(_BLANKS)
    if text[at + 2 :].strip(_BLANKS) or not content:
        return False
    if not silent:
        token = state.push("maths_block", "pre", 0)
        token.block, token.content, token.map = True, content, [start_line, line + 1]
        state.line = line + 1
    return True


def _render_inline(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    kind = "maths display" if tokens[at].info else "maths"
    return f'<code class="{kind}">{escapeHtml(tokens[at].content)}</code>'


def _render_block(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<pre class="maths">{escapeHtml(tokens[at].content)}</pre>\n'
