"""Reading changed texts into the search index, in the background."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from apps.chat.engine.search import INDEXED_LENGTH, tokens_of
from apps.chat.models import Conversation, Message, SearchPending
from apps.chat.selectors.search import owner_tag

# A batch is one transaction of some hundred milliseconds; a crash loses no more than one.
_BATCH = 300


def index_pending(*, limit: int = _BATCH) -> int:
    """This will read some texts that changed, oldest first, and tell how many notes of changes it worked off.

    A text that changes while it is read has a new note. One reads at a time and any other finds nothing to do: two
    could have taken two notes of one text, and the words it had before could have been stored last.
    """
    with transaction.atomic():
        if not _is_alone():
            return 0
        notes = list(SearchPending.objects.order_by("id")[:limit])
        messages = {note.subject_id for note in notes if not note.is_title}
        titles = {note.subject_id for note in notes if note.is_title}
        _store([_row_of_message(row) for row in _texts(messages)])
        _store([_row_of_title(row) for row in Conversation.objects.filter(pk__in=titles)])
        SearchPending.objects.filter(pk__in=[note.pk for note in notes]).delete()
    return len(notes)


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('search index', 2))")
        return bool(cursor.fetchone()[0])


_Row = tuple[UUID, UUID, UUID, bool, datetime, list[str]]


def _texts(ids: set[UUID]) -> Iterable[Message]:
    return Message.objects.filter(pk__in=ids).only("id", "owner_id", "conversation_id", "created_at", "text")


def _row_of_message(message: Message) -> _Row:
    tag = owner_tag(message.owner_id, is_title=False)
    words = [tag + token for token in tokens_of(message.text[:INDEXED_LENGTH])]
    return (message.pk, message.owner_id, message.conversation_id, False, message.created_at, words)


def _row_of_title(conversation: Conversation) -> _Row:
    tag = owner_tag(conversation.owner_id, is_title=True)
    words = [tag + token for token in tokens_of(conversation.title)]
    return (conversation.pk, conversation.owner_id, conversation.pk, True, conversation.updated_at, words)


def _store(rows: list[_Row]) -> None:
    # One order for all, so that two at once wait and do not lock each other out.
    rows.sort(key=lambda row: row[0].bytes)
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO chat_searchentry (id, owner_id, conversation_id, is_title, at, words)
            VALUES (%s, %s, %s, %s, %s, array_to_tsvector(%s::text[]))
            ON CONFLICT (id) DO UPDATE SET at = EXCLUDED.at, words = EXCLUDED.words
            """,
            rows,
        )
