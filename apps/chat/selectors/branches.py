"""Reads along the branches of a conversation, bounded and ordered."""

from collections.abc import Iterator
from uuid import UUID

from apps.chat.models import Message

# One statement climbs this many messages; most contexts are full before the first batch is.
_BATCH = 200
_CLIMB = """
WITH RECURSIVE branch AS (
    SELECT m.*, 1 AS step FROM chat_message m WHERE m.id = %s
    UNION ALL
    SELECT m.*, b.step + 1 FROM chat_message m JOIN branch b ON m.id = b.parent_id WHERE b.step < %s
)
SELECT * FROM branch ORDER BY step
"""


def branch_above(message_id: UUID) -> Iterator[Message]:
    """This will walk from a message up to the first of its branch, newest first, reading in batches."""
    at: UUID | None = message_id
    while at is not None:
        batch = list(Message.objects.raw(_CLIMB, [at, _BATCH]))
        yield from batch
        at = batch[-1].parent_id if batch else None


def newest_of_branch(leaf_id: UUID | None, *, limit: int) -> list[Message]:
    """This will list the last `limit` messages of a branch, oldest first."""
    if leaf_id is None:
        return []
    return list(Message.objects.raw(_CLIMB, [leaf_id, limit]))[::-1]
