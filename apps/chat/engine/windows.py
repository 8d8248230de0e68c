"""Which part of a branch is read: a range of depths, found with as few steps up the tree as it takes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol
from uuid import UUID

from apps.chat.errors import MessageNotFound

# Two screens hold about this many messages; the page asks for more while the last of them come into view.
WINDOW = 30
# What a tab that slept may lack; past it there is one more window to ask for.
_AFTER = 100
# A branch that was changed is shown again from there; past it one asks again.
_FROM = 200


class AskKind(Enum):
    """What a window is asked by."""

    NEWEST = auto()
    AFTER = auto()
    BEFORE = auto()
    AROUND = auto()
    AT = auto()
    FROM = auto()


@dataclass(frozen=True, slots=True)
class Ask:
    """A window as it is asked for; `leaf` names another branch than the one being read."""

    kind: AskKind = AskKind.NEWEST
    message: UUID | None = None
    depth: int = 0
    leaf: UUID | None = None


class Node(NamedTuple):
    """A message without its words; `depth` is the number of messages above it."""

    id: UUID
    parent: UUID | None
    depth: int
    comparison: UUID | None = None


class Tree(Protocol):
    """The messages of one conversation."""

    def find(self, ids: Collection[UUID]) -> Mapping[UUID, Node]:
        """Find messages of this conversation; what is not in it is left out."""

    def climb(self, leaf: Node, low: int, high: int) -> Sequence[Node]:
        """List the messages from `leaf` up whose depth is from `low` to `high`, oldest first."""

    def newest_leaf_below(self, node: Node) -> Node:
        """Find the end of the newest branch through a message."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the branch that ends in `leaf`, oldest first; `total` is the branch's length."""

    nodes: tuple[Node, ...] = ()
    leaf: UUID | None = None
    total: int = 0
    is_active: bool = True

    @property
    def first(self) -> int | None:
        """The depth of its first message."""
        return self.nodes[0].depth if self.nodes else None

    @property
    def last(self) -> int | None:
        """The depth of its last message."""
        return self.nodes[-1].depth if self.nodes else None

    @property
    def has_before(self) -> bool:
        """Whether the branch has messages above."""
        return bool(self.nodes) and self.nodes[0].depth > 0

    @property
    def has_after(self) -> bool:
        """Whether the branch has messages below."""
        return bool(self.nodes) and self.nodes[-1].depth < self.total - 1


def find_window(tree: Tree, active_leaf: UUID | None, ask: Ask) -> Window:
    """This will find the window that is asked for.

    After and from a message the branch does not hold it is the newest one, since a page that
    asks so has lost its place. Around such a message it is on the newest branch through it.

    Raises:
        MessageNotFound: a message to read before or around, or the leaf, is not in this conversation.
    """
    leaf_id = ask.leaf or active_leaf
    found = tree.find([each for each in (leaf_id, ask.message) if each is not None])
    anchor = found.get(ask.message) if ask.message else None
    if anchor is None and ask.kind in {AskKind.BEFORE, AskKind.AROUND}:
        raise MessageNotFound
    leaf = found.get(leaf_id) if leaf_id else None
    if leaf is None:
        if ask.leaf is not None:
            raise MessageNotFound
        return Window()
    nodes: Sequence[Node]
    if anchor is not None and ask.kind is AskKind.AROUND:
        leaf, nodes = _around(tree, leaf, anchor)
    else:
        nodes = _nodes(tree, leaf, anchor, ask)
    return Window(tuple(nodes), leaf.id, leaf.depth + 1, is_active=leaf.id == active_leaf)


def _nodes(tree: Tree, leaf: Node, anchor: Node | None, ask: Ask) -> Sequence[Node]:
    if ask.kind is AskKind.AT:
        return tree.climb(leaf, *_span_around(ask.depth, leaf.depth))
    if anchor is not None:
        if ask.kind is AskKind.BEFORE:
            return tree.climb(anchor, anchor.depth - WINDOW, anchor.depth - 1)
        length = _AFTER if ask.kind is AskKind.AFTER else _FROM - 1
        nodes = tree.climb(leaf, anchor.depth, anchor.depth + length) if anchor.depth <= leaf.depth else ()
        if nodes and _is_same_place(nodes[0], anchor):
            return nodes[1:] if ask.kind is AskKind.AFTER else nodes
    return tree.climb(leaf, leaf.depth - WINDOW + 1, leaf.depth)


def _around(tree: Tree, leaf: Node, anchor: Node) -> tuple[Node, Sequence[Node]]:
    if anchor.depth <= leaf.depth:
        nodes = tree.climb(leaf, *_span_around(anchor.depth, leaf.depth))
        if any(_is_same_place(node, anchor) for node in nodes):
            return leaf, nodes
    leaf = tree.newest_leaf_below(anchor)
    return leaf, tree.climb(leaf, *_span_around(anchor.depth, leaf.depth))


def _is_same_place(node: Node, other: Node) -> bool:
    """Answers that are compared stand in one place, whichever of them the branch goes through."""
    return node.id == other.id or (node.comparison is not None and node.comparison == other.comparison)


def _span_around(depth: int, last: int) -> tuple[int, int]:
    low = max(0, min(depth - WINDOW // 2, last - WINDOW + 1))
    return low, min(last, low + WINDOW - 1)
