"""How much work one text may make: rules counted as they run, so that the browser counts the same."""

import re
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt, helpers
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as table_rule
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import autolink as autolink_rule

# The costliest text of so many steps takes a quarter of a second; 400,000 characters of documentation need 35,000.
MAX_STEPS = 50_000
# A block is tried by a dozen rules and copied by its containers; a line of a paragraph may begin most of them.
_BLOCK_STEPS = 4
_LINE_STEPS = 2
# Searching the end of a label hops over what was measured before: so many characters cost as much as a step.
_HOPS_A_STEP = 24
# An address is taken apart and put together.
_ADDRESS_STEPS = 6
_DELIMITERS = re.compile(r"[-:|][-:| \t]*$")


class TooComplex(Exception):
    """The text would take too long to render."""


def spend(env: Any, steps: int) -> None:
    """This will count work against the text's budget. Raises: TooComplex."""
    env["steps"] = env.get("steps", 0) + steps
    if env["steps"] > MAX_STEPS:
        raise TooComplex


def install_budget(md: MarkdownIt) -> None:
    """This will make every rule of the parser count what it costs."""
    md.inline.ruler.before("text", "budget", _count_inline)
    terminates: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "budget", _count_block, terminates)
    md.block.ruler.at("table", _counted_table, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("autolink", _counted_autolink)
    md.helpers = SimpleNamespace(**{**vars(helpers), "parseLinkLabel": _counted_label})  # type: ignore[assignment]


def _count_inline(state: StateInline, silent: bool) -> bool:
    spend(state.env, 1)
    return False


def _count_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    # What stands in containers is read again by each of them.
    spend(state.env, _LINE_STEPS if silent else _BLOCK_STEPS + state.level)
    return False


def _counted_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """A short line of delimiters can ask for very many cells, also where none are written."""
    if not silent and start_line + 2 <= end_line and (columns := _columns_below(state, start_line)):
        last = start_line + 2
        while last < end_line and not state.isEmpty(last):
            last += 1
            spend(state.env, columns)
    return table_rule(state, start_line, end_line, silent)


def _columns_below(state: StateBlock, line: int) -> int:
    header = state.src[state.bMarks[line] : state.eMarks[line]]
    below = state.src[state.bMarks[line + 1] + state.tShift[line + 1] : state.eMarks[line + 1]]
    return below.count("|") + 1 if "|" in header and _DELIMITERS.match(below) else 0


def _counted_autolink(state: StateInline, silent: bool) -> bool:
    is_link = autolink_rule(state, silent)
    if is_link:
        spend(state.env, _ADDRESS_STEPS)
    return is_link


def _counted_label(state: StateInline, start: int, disable_nested: bool = False) -> int:
    end = helpers.parseLinkLabel(state, start, disable_nested)
    spend(state.env, 1 + ((end if end >= 0 else state.posMax) - start) // _HOPS_A_STEP)
    return end
