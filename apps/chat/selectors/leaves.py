"""The ends of a conversation's branches, and what stands beside and with a message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Left

from apps.chat.models import Attachment, Conversation, Message

# More than anybody makes by hand.
_MOST_BRANCHES = 1000
_PREVIEW_CHARS = 200


@dataclass(frozen=True, slots=True)
class Branch:
    """A way from the first message to a last one."""

    leaf: UUID
    message_count: int
    is_active: bool
    role: str
    preview: str
    created_at: datetime


def branches_of(conversation: Conversation) -> list[Branch]:
    """This will list the branches, the newest first, a thousand at most."""
    messages = Message.objects.filter(conversation=conversation)
    leaves = messages.filter(~Exists(Message.objects.filter(parent=OuterRef("pk")))).order_by("-id")
    rows = leaves.annotate(preview=Left("text", _PREVIEW_CHARS)).values_list(
        "pk", "depth", "role", "preview", "created_at"
    )
    return [
        Branch(pk, depth + 1, pk == conversation.active_leaf_id, role, preview, created_at)
        for pk, depth, role, preview, created_at in rows[:_MOST_BRANCHES]
    ]


def siblings_in_place(message: Message) -> "QuerySet[Message]":
    """This will select the messages in the same place, the message among them."""
    return Message.objects.filter(
        conversation_id=message.conversation_id, parent_id=message.parent_id, role=message.role
    )


def messages_by_id(ids: Collection[UUID]) -> list[Message]:
    """This will read messages in the order of their ids as given."""
    found = Message.objects.in_bulk(ids)
    return [found[each] for each in ids if each in found]


def attachments_of(message_ids: Collection[UUID]) -> dict[UUID, list[Attachment]]:
    """This will read the files of messages, by message."""
    files: dict[UUID, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=message_ids).order_by("id"):
        if attachment.message_id is not None:
            files.setdefault(attachment.message_id, []).append(attachment)
    return files
