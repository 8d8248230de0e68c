"""Reads along the branches of a conversation, bounded and ordered."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from django.db import connection

from apps.chat.engine.windows import Node
from apps.chat.models import Message

# One statement climbs this many messages; most contexts are full before the first batch is.
_BATCH = 200
# Climbing reads the few columns it needs: a branch of 10,000 messages is 10,000 steps.
_CLIMB = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id, depth, comparison_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.depth, m.comparison_id
    FROM branch b JOIN chat_message m ON m.id = b.parent_id WHERE b.depth > %s
)
SELECT id, parent_id, depth, comparison_id FROM branch WHERE depth BETWEEN %s AND %s ORDER BY depth
"""
_ABOVE = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id, 1 AS step FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, b.step + 1 FROM branch b JOIN chat_message m ON m.id = b.parent_id WHERE b.step < %s
)
SELECT m.* FROM branch JOIN chat_message m USING (id) ORDER BY branch.step
"""
# Of two answers being compared the first is meant, until one goes on below the other.
_NEWEST_LEAF = """
WITH RECURSIVE below AS (
    SELECT id, parent_id, depth, comparison_id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.depth, m.comparison_id FROM below b JOIN chat_message m ON m.parent_id = b.id
)
SELECT id, parent_id, depth, comparison_id FROM below b
WHERE NOT EXISTS (SELECT FROM chat_message c WHERE c.parent_id = b.id)
ORDER BY coalesce(comparison_id, id) DESC, id LIMIT 1
"""


class StoredTree:
    """The messages of a conversation in the database, as the window finder reads them."""

    def __init__(self, conversation_id: UUID) -> None:
        self._conversation_id = conversation_id

    def find(self, ids: Collection[UUID]) -> Mapping[UUID, Node]:
        """This will find messages of this conversation."""
        if not ids:
            return {}
        rows = Message.objects.filter(pk__in=ids, conversation_id=self._conversation_id)
        nodes = (Node(*row) for row in rows.values_list("pk", "parent_id", "depth", "comparison_id"))
        return {node.id: node for node in nodes}

    def climb(self, leaf: Node, low: int, high: int) -> Sequence[Node]:
        """This will list the messages from `leaf` up whose depth is from `low` to `high`, oldest first."""
        return _nodes(_CLIMB, [leaf.id, low, low, high])

    def newest_leaf_below(self, node: Node) -> Node:
        """This will find the end of the newest branch through a message."""
        return next(iter(_nodes(_NEWEST_LEAF, [node.id])), node)


def branch_above(message_id: UUID) -> Iterator[Message]:
    """This will walk from a message up to the first of its branch, newest first, reading in batches."""
    at: UUID | None = message_id
    while at is not None:
        batch = list(Message.objects.raw(_ABOVE, [at, _BATCH]))
        yield from batch
        at = batch[-1].parent_id if batch else None


def _nodes(statement: str, values: Sequence[UUID | int]) -> list[Node]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Node(*row) for row in cursor.fetchall()]
