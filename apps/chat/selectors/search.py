"""Looking words up in the index of titles and messages, newest first.

Two ways, since no one way is quick for every word. A word that many texts hold is among the
newest ones, so those are looked through first. A word that is not is rare, and the inverted
index finds all of its places at once. Which words are rare, the newest texts tell as well.
"""

import hashlib
import logging
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Left

from apps.chat.engine.search import INDEXED_LENGTH, Query, Term
from apps.chat.models import Conversation, Message, SearchPending

logger = logging.getLogger(__name__)

# Enough to meet a word of one text in seventy a good twenty times; read in some milliseconds.
_NEWEST = 2000
# A word of more than this share of the newest texts is not worth a look into the inverted index beside a rarer one.
_COMMON_SHARE = 0.02
# What the inverted index may take before a search answers with what it has.
_PATIENCE_MS = 1500
# Texts the background has not read yet, which are read as they are: what a person wrote in the last seconds.
_UNREAD = 200


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: conversations of one owner, narrowed."""

    owner_id: UUID
    organization_id: UUID
    project_id: UUID | None = None
    is_archived: bool | None = None
    since: datetime | None = None


def owner_tag(owner_id: UUID, *, is_title: bool) -> str:
    """This will give what lexemes of a person begin with; two people of one tag cost time and mix nothing."""
    digest = hashlib.blake2b(owner_id.bytes, digest_size=5).digest()
    return ("t" if is_title else "m") + b32encode(digest).decode()[:4].lower()


def find_entries(query: Query, within: Within, *, is_title: bool, limit: int) -> list[UUID]:
    """This will find messages, or conversations by title, that hold every term, newest first."""
    if not query.terms:
        return []
    tag = owner_tag(within.owner_id, is_title=is_title)
    lexemes = [_lexeme(tag, term) for term in query.terms]
    newest = _among_newest(lexemes, within, is_title=is_title, limit=limit)
    if newest.is_all or len(newest.ids) >= limit:
        return newest.ids
    rest = _in_index(lexemes, newest, within, is_title=is_title, limit=limit)
    return list(dict.fromkeys([*newest.ids, *rest]))[:limit]


@dataclass(frozen=True, slots=True)
class _Newest:
    ids: list[UUID]
    counts: list[int]
    is_all: bool


def _among_newest(lexemes: Sequence[str], within: Within, *, is_title: bool, limit: int) -> _Newest:
    tests = ", ".join("words @@ %s::tsquery" for _ in lexemes)
    counts = ", ".join(f"count(*) FILTER (WHERE hits[{n + 1}])" for n in range(len(lexemes)))
    conditions, values = _conditions(within)
    sql = f"""
        WITH newest AS MATERIALIZED (
            SELECT id, conversation_id, at, ARRAY[{tests}] AS hits FROM (
                SELECT id, conversation_id, at, words FROM chat_searchentry
                WHERE owner_id = %s AND is_title = %s ORDER BY at DESC, id DESC LIMIT {_NEWEST}
            ) AS recent
        )
        SELECT ARRAY(
            SELECT newest.id FROM newest JOIN chat_conversation c ON c.id = newest.conversation_id
            WHERE true = ALL (hits) AND {conditions} ORDER BY at DESC, newest.id DESC LIMIT %s
        ), count(*), {counts} FROM newest
    """  # noqa: S608 - only fixed text and numbers of our own are put in; values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, [*lexemes, within.owner_id, is_title, *values, limit])
        ids, total, *found = cursor.fetchone()
    return _Newest(list(ids), found, total < _NEWEST)


def _in_index(lexemes: Sequence[str], newest: _Newest, within: Within, *, is_title: bool, limit: int) -> list[UUID]:
    rare = [one for one, count in zip(lexemes, newest.counts, strict=True) if count <= _COMMON_SHARE * _NEWEST]
    asked = rare or lexemes
    others = [one for one in lexemes if one not in asked]
    conditions, values = _conditions(within)
    # COALESCE hides the common words from the planner, which would fetch their endless lists as well.
    filters = "".join(" AND coalesce(words, words) @@ %s::tsquery" for _ in others)
    sql = f"""
        WITH found AS MATERIALIZED (
            SELECT id, conversation_id, at, owner_id, is_title FROM chat_searchentry
            WHERE words @@ %s::tsquery{filters}
        )
        SELECT found.id FROM found JOIN chat_conversation c ON c.id = found.conversation_id
        WHERE found.owner_id = %s AND found.is_title = %s AND {conditions}
        ORDER BY at DESC, found.id DESC LIMIT %s
    """  # noqa: S608 - as above
    parameters = [" & ".join(asked), *others, within.owner_id, is_title, *values, limit]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
            cursor.execute(sql, parameters)
            return [row[0] for row in cursor.fetchall()]
    except OperationalError as error:
        # Words that are everywhere but never together: the newest texts have been looked through.
        logger.warning("a search was given up: %s", error)
        return []


# The planner cannot know a word's owner and would read the whole table; compiling costs more than the query.
_SETTINGS = f"""
    SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
        set_config('work_mem', '64MB', true), set_config('statement_timeout', '{_PATIENCE_MS}', true)
"""


def _conditions(within: Within) -> tuple[str, list[Any]]:
    sql = ["c.owner_id = %s AND c.organization_id = %s AND c.deleted_at IS NULL"]
    values: list[Any] = [within.owner_id, within.organization_id]
    if within.project_id:
        sql.append("c.project_id = %s")
        values.append(within.project_id)
    if within.is_archived is not None:
        sql.append("c.archived_at IS NOT NULL" if within.is_archived else "c.archived_at IS NULL")
    if within.since:
        sql.append("at >= %s")
        values.append(within.since)
    return " AND ".join(sql), values


def _lexeme(tag: str, term: Term) -> str:
    return f"'{tag}{term.token}'{':*' if term.is_prefix else ''}"


def unread_of(owner_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """This will list what the index has not read yet, newest first: messages, and conversations by title."""
    rows = SearchPending.objects.filter(owner_id=owner_id).order_by("-id").values_list("subject_id", "is_title")
    messages: dict[UUID, None] = {}
    titles: dict[UUID, None] = {}
    for subject_id, is_title in rows[:_UNREAD]:
        (titles if is_title else messages)[subject_id] = None
    return list(messages), list(titles)


def conversations_by_id(ids: Sequence[UUID], within: Within) -> dict[UUID, Conversation]:
    """This will read conversations one may look into, by id."""
    rows = Conversation.objects.filter(
        pk__in=ids, owner_id=within.owner_id, organization_id=within.organization_id, deleted_at=None
    )
    if within.project_id:
        rows = rows.filter(project_id=within.project_id)
    if within.is_archived is not None:
        rows = rows.filter(archived_at__isnull=not within.is_archived)
    if within.since:
        rows = rows.filter(updated_at__gte=within.since)
    rows = rows.only("id", "title", "updated_at", "archived_at")
    return {row.pk: row for row in rows}


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message as search shows it; `text` is its beginning, as far as it is indexed."""

    id: UUID
    role: str
    text: str
    created_at: datetime
    conversation_id: UUID
    title: str
    archived_at: datetime | None


def messages_by_id(ids: Sequence[UUID], within: Within) -> dict[UUID, FoundMessage]:
    """This will read messages with what is shown of their conversations, by id."""
    rows = Message.objects.filter(
        pk__in=ids,
        owner_id=within.owner_id,
        conversation__owner_id=within.owner_id,
        conversation__organization_id=within.organization_id,
        conversation__deleted_at=None,
    )
    if within.project_id:
        rows = rows.filter(conversation__project_id=within.project_id)
    if within.is_archived is not None:
        rows = rows.filter(conversation__archived_at__isnull=not within.is_archived)
    if within.since:
        rows = rows.filter(created_at__gte=within.since)
    shown: Any = rows.values_list(
        "id", "role", Left("text", INDEXED_LENGTH), "created_at", "conversation_id", "conversation__title",
        "conversation__archived_at",
    )  # fmt: skip
    return {row[0]: FoundMessage(*row) for row in shown}
