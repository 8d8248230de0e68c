"""Whole conversations for tests, stored at once."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from apps.chat.models import Conversation, Message
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone


@dataclass(frozen=True)
class Talk:
    """A stored conversation and its messages' ids, oldest first."""

    conversation: Conversation
    ids: list[UUID]


def talk(who: Someone, length: int) -> Talk:
    """Store a conversation of so many messages, all said, in one branch."""
    ids = sorted(uuid7() for _ in range(length))
    conversation = Conversation(
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        title="A long talk",
        updated_at=timezone.now(),
        active_leaf_id=ids[-1],
    )
    conversation.save(force_insert=True)
    rows = [
        said(conversation, n, message_id=ids[n], parent_id=ids[n - 1] if n else None, text=f"Message {n}")
        for n in range(length)
    ]
    Message.objects.bulk_create(rows, batch_size=1000)
    return Talk(conversation, ids)


def said(
    conversation: Conversation,
    depth: int,
    *,
    parent_id: UUID | None,
    text: str = "Said",
    message_id: UUID | None = None,
) -> Message:
    """Make a message that was said at a depth; a person's at the even ones."""
    return Message(
        id=message_id or uuid7(),
        conversation=conversation,
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        parent_id=parent_id,
        depth=depth,
        role=Message.Role.ASSISTANT if depth % 2 else Message.Role.USER,
        text=text,
        model="demo" if depth % 2 else "",
    )
