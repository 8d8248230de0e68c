"""Lists of conversations, bounded and ordered."""

from uuid import UUID

from apps.chat.models import Conversation


def conversations_of(owner_id: UUID, *, limit: int) -> list[Conversation]:
    """This will list a person's conversations, newest first."""
    rows = Conversation.objects.filter(owner_id=owner_id, deleted_at=None)
    return list(rows.only("id", "title", "updated_at").order_by("-updated_at")[:limit])
