"""Which answer a steering message stops, and where on the branch it goes."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from apps.chat.engine.windows import Node, Tree


class Steering(NamedTuple):
    """The answer being written, the runs that write it, and what waits behind it on the branch."""

    head: Node
    runs: tuple[UUID, ...]
    behind: tuple[Node, ...]


def plan_steering(tree: Tree, leaf_id: UUID | None, live: Mapping[UUID, UUID]) -> Steering | None:
    """This will find what is being written on the branch that ends in `leaf_id`, None if nothing is.

    `live` maps answers to their unfinished runs. Of a comparison both are stopped, and the
    one the branch goes through is the head, even if only the other is still being written.
    """
    if leaf_id is None or not live:
        return None
    nodes = tree.find({leaf_id, *live})
    if leaf_id not in nodes:
        return None
    leaf = nodes[leaf_id]
    low = min(node.depth for node in nodes.values())
    path = tree.climb(leaf, low, leaf.depth)
    writing = next((node for node in path if node.id in live), None)
    head = writing or leaf
    beside = [n.id for n in nodes.values() if n.comparison and n.comparison == head.comparison and n.id != head.id]
    runs = tuple(live[each] for each in [head.id, *beside] if each in live)
    return Steering(head, runs, _below(path, head)) if runs else None


def _below(path: Sequence[Node], head: Node) -> tuple[Node, ...]:
    return tuple(node for node in path if node.depth > head.depth)
