"""Which other messages stand in the same place of a conversation: answers again, edits, comparisons."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from apps.chat.contracts import Siblings
from apps.chat.models import Message

# Answers that are compared are one place. Paging to such a place leads to the answer that was gone on
# from, or to its first. One statement for a whole window, over an index that holds all it reads.
_SIBLINGS = """
WITH shown AS (
    SELECT id, conversation_id, parent_id, coalesce(comparison_id, id) AS place
    FROM chat_message WHERE id = ANY(%s)
), family AS (
    SELECT c.id, c.parent_id, c.comparison_id
    FROM chat_message c WHERE c.parent_id IN (SELECT parent_id FROM shown)
    UNION ALL
    SELECT c.id, c.parent_id, c.comparison_id
    FROM chat_message c
    WHERE c.parent_id IS NULL AND c.conversation_id IN (SELECT conversation_id FROM shown WHERE parent_id IS NULL)
), places AS (
    SELECT id, parent_id, id AS place FROM family WHERE comparison_id IS NULL
    UNION ALL
    (SELECT DISTINCT ON (comparison_id) id, parent_id, comparison_id
     FROM family WHERE comparison_id IS NOT NULL ORDER BY comparison_id, id)
), paged AS (
    SELECT parent_id, place,
        row_number() OVER ordered AS index, count(*) OVER (PARTITION BY parent_id) AS count,
        lag(place) OVER ordered AS previous, lead(place) OVER ordered AS next
    FROM places WINDOW ordered AS (PARTITION BY parent_id ORDER BY id)
)
SELECT shown.id, paged.index, paged.count, entry.previous, entry.next
FROM shown JOIN paged ON paged.place = shown.place
CROSS JOIN LATERAL (SELECT {previous} AS previous, {next} AS next) entry
WHERE paged.count > 1
"""
_ENTRY = """coalesce((
    SELECT e.id FROM chat_message e WHERE e.comparison_id = paged.{side}
    ORDER BY EXISTS (SELECT FROM chat_message k WHERE k.parent_id = e.id) DESC, e.id LIMIT 1
), paged.{side})"""
_STATEMENT = _SIBLINGS.format(previous=_ENTRY.format(side="previous"), next=_ENTRY.format(side="next"))


def siblings_of(message_ids: Collection[UUID]) -> dict[UUID, Siblings]:
    """This will tell of each message that has siblings which of them it is, and how to page from it."""
    if not message_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, [list(message_ids)])
        return {row[0]: Siblings(*row[1:]) for row in cursor.fetchall()}


def compared_with(comparison_ids: Collection[UUID]) -> list[Message]:
    """This will list the answers of comparisons, in the order they were asked for."""
    return list(Message.objects.filter(comparison_id__in=comparison_ids).order_by("id")) if comparison_ids else []
