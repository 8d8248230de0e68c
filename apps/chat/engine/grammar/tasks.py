"""Task lists: an item that begins with `[ ]` or `[x]` gets a class, and the page draws the box."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_BOX = re.compile(r"\[([ xX])\][ \t\n]+(?=[^ \t\n])")


def install_tasks(md: MarkdownIt) -> None:
    """This will teach the parser task lists."""
    md.core.ruler.before("inline", "tasks", _mark_tasks)


def _mark_tasks(state: StateCore) -> None:
    tokens = state.tokens
    for at in range(2, len(tokens)):
        inline, item = tokens[at], tokens[at - 2]
        if inline.type != "inline" or item.type != "list_item_open" or tokens[at - 1].type != "paragraph_open":
            continue
        if box := _BOX.match(inline.content):
            item.attrSet("class", "task" if box[1] == " " else "task done")
            inline.content = inline.content[box.end() :]
