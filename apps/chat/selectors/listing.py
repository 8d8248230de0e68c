"""Lists of conversations, bounded and ordered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.chat.models import Conversation
from olympus.kernel.actor import Actor

# What a rail shows of a conversation.
_SHOWN = ("id", "title", "updated_at", "pinned_at", "archived_at", "is_unread", "project")
# Whoever pins more than this has a second list of everything.
_MOST_PINNED = 100


@dataclass(frozen=True, slots=True)
class After:
    """Where a list goes on: behind the row of this time and id."""

    at: datetime
    id: UUID


def conversations_of(owner_id: UUID, *, limit: int, after: After | None = None) -> list[Conversation]:
    """This will list a person's conversations, newest first, without the pinned and archived ones."""
    rows = Conversation.objects.filter(owner_id=owner_id, deleted_at=None, archived_at=None, pinned_at=None)
    return list(_behind(rows, "updated_at", after)[:limit])


def pinned_of(owner_id: UUID) -> list[Conversation]:
    """This will list a person's pinned conversations, the last pinned first."""
    rows = Conversation.objects.filter(owner_id=owner_id, deleted_at=None, pinned_at__isnull=False, archived_at=None)
    return list(rows.only(*_SHOWN).order_by("-pinned_at", "-id")[:_MOST_PINNED])


def archived_of(owner_id: UUID, *, limit: int, after: After | None = None) -> list[Conversation]:
    """This will list what a person put into the archive, the last archived first."""
    rows = Conversation.objects.filter(owner_id=owner_id, deleted_at=None, archived_at__isnull=False)
    return list(_behind(rows, "archived_at", after)[:limit])


def _behind(rows: "QuerySet[Conversation]", by: str, after: After | None) -> "QuerySet[Conversation]":
    if after:
        # The first half alone is what the index can begin at.
        rows = rows.filter(**{f"{by}__lte": after.at}).exclude(**{by: after.at, "id__gte": after.id})
    return rows.only(*_SHOWN).order_by(f"-{by}", "-id")


def matching_conversations(
    actor: Actor,
    *,
    project: UUID | None = None,
    is_archived: bool | None = None,
    is_pinned: bool | None = None,
    is_unread: bool | None = None,
) -> "QuerySet[Conversation]":
    """This will select the actor's own conversations; None filters nothing."""
    rows = Conversation.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id, deleted_at=None)
    wanted: dict[str, object] = {
        "project_id": project,
        "archived_at__isnull": None if is_archived is None else not is_archived,
        "pinned_at__isnull": None if is_pinned is None else not is_pinned,
        "is_unread": is_unread,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})
