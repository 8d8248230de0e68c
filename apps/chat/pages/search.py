"""Search over a person's titles and messages: what is found, and the page that shows it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from apps.chat.access.permissions import check_reads
from apps.chat.access.projects import readable_projects
from apps.chat.engine.search import MAX_RESULTS, Piece, Query, has_runs, has_terms, plan_query, snippet
from apps.chat.models import Conversation
from apps.chat.selectors.search import (
    FoundMessage,
    Within,
    conversations_by_id,
    find_entries,
    messages_by_id,
    unread_of,
)
from olympus.kernel.actor import Actor

# Candidates read for each hit where words must stand together: pairs of characters and lone words promise too much.
_CANDIDATES_A_HIT = 5
# A longer list is no longer a choice.
_PROJECTS_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A title or a message that was found; `message` is None for a title."""

    conversation_id: UUID
    title: list[Piece]
    is_archived: bool
    url: str
    at: datetime
    snippet: list[Piece]
    message_id: UUID | None = None
    role: str = ""

    @property
    def plain_title(self) -> str:
        """The title without marks."""
        return "".join(piece.text for piece in self.title)


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Hits of one conversation."""

    first: Hit
    messages: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, titles before messages, newest first."""

    hits: list[Hit]
    took_ms: float
    has_more: bool = False

    def groups(self) -> list[HitGroup]:
        """This will gather the hits of each conversation, in the order of each one's first."""
        groups: dict[UUID, HitGroup] = {}
        for hit in self.hits:
            group = groups.setdefault(hit.conversation_id, HitGroup(hit))
            if hit.message_id:
                group.messages.append(hit)
        return list(groups.values())


def search_conversations(
    actor: Actor,
    text: str,
    *,
    project_id: UUID | None = None,
    is_archived: bool | None = None,
    days: int | None = None,
    limit: int = 20,
) -> Found:
    """This will find the actor's own titles and messages that hold all words of a text."""
    check_reads(actor)
    started = time.perf_counter()
    limit = max(1, min(limit, MAX_RESULTS))
    since = timezone.now() - timedelta(days=days) if days else None
    within = Within(actor.user_id, actor.organization_id, project_id, is_archived, since)
    query = plan_query(text)
    hits, has_more = _find(query, within, limit=limit) if query.terms else ([], False)
    return Found(hits, (time.perf_counter() - started) * 1000, has_more)


def searched_projects(actor: Actor) -> list[tuple[str, str]]:
    """This will list the projects one may narrow a search to, as id and name."""
    rows = readable_projects(actor).order_by("name", "id").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows[:_PROJECTS_OFFERED]]


def _find(query: Query, within: Within, *, limit: int) -> tuple[list[Hit], bool]:
    """The places in order, and whether there are more of them: one more than is shown is looked for."""
    new_messages, new_titles = unread_of(within.owner_id)
    titles = _titles(query, within, new_titles, limit=limit + 1)
    # A word of many titles must not hide the messages: half of the places are theirs.
    room = limit - min(len(titles), max(1, limit // 2))
    messages = _messages(query, within, new_messages, limit=room + 1)
    shown_titles = titles[: limit - min(len(messages), room)]
    shown_messages = messages[: limit - len(shown_titles)]
    hits = [_title_hit(query, row) for row in shown_titles] + [_message_hit(query, row) for row in shown_messages]
    return hits, len(titles) + len(messages) > len(hits)


def _titles(query: Query, within: Within, unread: Sequence[UUID], *, limit: int) -> list[Conversation]:
    found = find_entries(query, within, is_title=True, limit=limit * _CANDIDATES_A_HIT)
    rows = conversations_by_id([*unread, *found], within)
    # A title that is not read yet may be another than the index has: it is looked at itself.
    fresh = {pk for pk in unread if pk in rows and has_terms(query, rows[pk].title)}
    kept = [pk for pk in found if pk in rows and pk not in unread and has_runs(query, rows[pk].title)]
    return sorted((rows[pk] for pk in [*fresh, *kept]), key=lambda row: row.updated_at, reverse=True)[:limit]


def _messages(query: Query, within: Within, unread: Sequence[UUID], *, limit: int) -> list[FoundMessage]:
    candidates = limit * _CANDIDATES_A_HIT if query.runs else limit
    found = find_entries(query, within, is_title=False, limit=candidates)
    rows = messages_by_id([*unread, *found], within)
    fresh = [rows[pk] for pk in unread if pk in rows and has_terms(query, rows[pk].text)]
    kept = (rows[pk] for pk in found if pk in rows and pk not in unread and has_runs(query, rows[pk].text))
    chosen = [*fresh, *islice(kept, limit)]
    return sorted(chosen, key=lambda row: row.created_at, reverse=True)[:limit]


def _title_hit(query: Query, row: Conversation) -> Hit:
    return Hit(
        conversation_id=row.pk,
        title=snippet(query, row.title, length=200),
        is_archived=row.archived_at is not None,
        url=reverse("conversation", args=[row.pk]),
        at=row.updated_at,
        snippet=[],
    )


def _message_hit(query: Query, row: FoundMessage) -> Hit:
    return Hit(
        conversation_id=row.conversation_id,
        title=[Piece(row.title)],
        is_archived=row.archived_at is not None,
        url=f"{reverse('conversation', args=[row.conversation_id])}?m={row.id}",
        at=row.created_at,
        snippet=snippet(query, row.text),
        message_id=row.id,
        role=row.role,
    )
