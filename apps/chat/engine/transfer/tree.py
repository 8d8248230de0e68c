"""Foreign trees made ours: no cycles, nothing dangling, questions and answers in turn."""

from collections.abc import Iterable
from typing import Any

import msgspec

from apps.chat.engine.transfer.shapes import Node, NotReadable, Reason

# More than anybody says in one conversation; each is a row.
MAX_MESSAGES = 50_000
# What hangs below a message with parts is written out once a branch: words, thinking and tool calls together no more
# than this, and files no more often than this beside the first time.
_MAX_CHARS = 128_000_000
_MAX_FILES_AGAIN = 200
# A message in very many parts is joined part by part, which copies what came before.
_MAX_COPIED_CHARS = 4_000_000_000
UNANSWERED = "unanswered"
_Work = tuple[Node, str | None, Node | None]


def grown(nodes: Iterable[Node], leaf: str | None) -> tuple[list[Node], str | None]:
    """This will put nodes in order, parents first, and tell which of them the branch being read ends with.

    Hidden nodes go and their children move up. Messages of one side that follow each other
    become one. A conversation begins with a question and each question has an answer:
    where one is missing an empty one stands, in state `interrupted` and with the error code
    `unanswered` if it is the answer.

    Raises:
        NotReadable: nothing is left, or more than is kept.
    """
    by_key = {node.key: node for node in reversed(list(nodes))}
    by_key = dict(reversed(by_key.items()))
    above = _visible_parents(by_key)
    below: dict[str | None, list[Node]] = {}
    for node in by_key.values():
        if not node.is_hidden:
            below.setdefault(above[node.key], []).append(node)
    grown_nodes, became = _in_turn(below)
    if not grown_nodes:
        raise NotReadable(Reason.NO_MESSAGES)
    return grown_nodes, _leaf(grown_nodes, became, by_key, above, leaf)


def _visible_parents(by_key: dict[str, Node]) -> dict[str, str | None]:
    """The nearest shown node above each; an edge that leads nowhere or in a circle is cut."""
    found: dict[str, str | None] = {}
    for start in by_key:
        path: list[str] = []
        on_path: set[str] = set()
        at: str | None = start
        while at is not None and at in by_key and at not in found and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = by_key[at].parent
        # Where the walk met itself the circle is cut above the node it met.
        shown: str | None = None
        if at is not None and at in found:
            shown = found[at] if by_key[at].is_hidden else at
        for key in reversed(path):
            found[key] = shown
            shown = shown if by_key[key].is_hidden else key
    return found


def _in_turn(below: dict[str | None, list[Node]]) -> tuple[list[Node], dict[str, str]]:
    out: list[Node] = []
    became: dict[str, str] = {}
    written = _Written(sum(len(node.files) for nodes in below.values() for node in nodes))
    work: list[_Work] = [(node, None, None) for node in reversed(below.get(None, []))]
    while work:
        node, parent, pending = work.pop()
        draft = written.joined(pending, node) if pending else node
        same = [child for child in below.get(node.key, []) if child.role == node.role]
        other = [child for child in below.get(node.key, []) if child.role != node.role]
        work.extend((child, parent, draft) for child in reversed(same))
        if other or not same:
            written.count(draft)
            emitted = _emit(out, draft, parent, has_answer=bool(other))
            became[node.key] = emitted
            work.extend((child, emitted, None) for child in reversed(other))
        if len(out) > MAX_MESSAGES:
            raise NotReadable(Reason.TOO_MANY_MESSAGES)
    return out, became


class _Written:
    """How much is written out, which can be far more than was read; past a bound NotReadable is raised."""

    def __init__(self, file_count: int) -> None:
        self._chars = self._copied_chars = 0
        self._files_left = file_count + _MAX_FILES_AGAIN
        self._sizes: dict[int, int] = {}

    def joined(self, first: Node, then: Node) -> Node:
        draft = _joined(first, then)
        self._copied_chars += len(draft.text) + len(draft.thinking) + 8 * len(draft.tool_calls)
        if self._copied_chars > _MAX_COPIED_CHARS:
            raise NotReadable(Reason.TOO_MANY_MESSAGES)
        return draft

    def count(self, draft: Node) -> None:
        self._chars += len(draft.text) + len(draft.thinking) + sum(map(self._size, draft.tool_calls))
        self._files_left -= len(draft.files)
        if self._chars > _MAX_CHARS or self._files_left < 0:
            raise NotReadable(Reason.TOO_MANY_MESSAGES)

    def _size(self, call: dict[str, Any]) -> int:
        """Measured once: the same call stands in each branch."""
        if id(call) not in self._sizes:
            self._sizes[id(call)] = len(msgspec.json.encode(call))
        return self._sizes[id(call)]


def _emit(out: list[Node], draft: Node, parent: str | None, *, has_answer: bool) -> str:
    if draft.role == "assistant" and parent is None:
        parent = f"{draft.key}~question"
        out.append(Node(key=parent, parent=None, role="user", created_at=draft.created_at))
    out.append(msgspec.structs.replace(draft, parent=parent))
    if draft.role == "user" and not has_answer:
        missing = Node(key=f"{draft.key}~answer", parent=draft.key, role="assistant", created_at=draft.created_at)
        missing.state, missing.error_code = "interrupted", UNANSWERED
        out.append(missing)
    return draft.key


def _joined(first: Node, then: Node) -> Node:
    return msgspec.structs.replace(
        then,
        text="\n\n".join(part for part in (first.text, then.text) if part),
        thinking="\n\n".join(part for part in (first.thinking, then.thinking) if part),
        tool_calls=[*first.tool_calls, *then.tool_calls],
        files=[*first.files, *then.files],
        model=then.model or first.model,
        created_at=first.created_at or then.created_at,
    )


def _leaf(
    out: list[Node],
    became: dict[str, str],
    by_key: dict[str, Node],
    above: dict[str, str | None],
    wanted: str | None,
) -> str:
    """The kept node the wanted one became or hangs below, then down to an answer; else the last of all."""
    at = wanted if wanted in by_key else None
    while at is not None and at not in became and at in above:
        at = above[at]
    last_child = {node.parent: node.key for node in out}
    role = {node.key: node.role for node in out}
    leaf = became[at] if at in became else out[-1].key
    while role[leaf] == "user":
        leaf = last_child[leaf]
    return leaf
