"""Reads of what is shared by link; the token is the only key."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from apps.chat.models import Attachment, Message, ShareLink

# Climbing reads the few columns it needs; the leaf is part of the link, so nothing newer can be reached.
_WINDOW = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id, depth FROM chat_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT m.id, m.parent_id, m.depth FROM branch b JOIN chat_message m ON m.id = b.parent_id WHERE b.depth > %s
)
SELECT m.* FROM branch JOIN chat_message m USING (id) WHERE m.depth BETWEEN %s AND %s ORDER BY m.depth
"""
_IN_BRANCHES = """
WITH RECURSIVE branch AS (
    SELECT id, parent_id FROM chat_message WHERE id = ANY(%s)
    UNION
    SELECT m.id, m.parent_id FROM branch b JOIN chat_message m ON m.id = b.parent_id
)
SELECT EXISTS (SELECT FROM branch WHERE id = %s)
"""


def hashed(token: str) -> str:
    """This will give what a token is looked up by. It is 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def link_by_token(token: str, *, now: datetime) -> ShareLink | None:
    """This will find what a token opens: neither revoked nor over, of a conversation that is still there."""
    return _open(ShareLink.objects.filter(token_hash=hashed(token)), now).select_related("conversation", "leaf").first()


def share_links_of(owner_id: UUID, *, conversation_id: UUID | None = None) -> "QuerySet[ShareLink]":
    """This will select a person's links that were not revoked, of conversations that are still there."""
    rows = ShareLink.objects.filter(owner_id=owner_id, revoked_at=None, conversation__deleted_at=None)
    return rows if conversation_id is None else rows.filter(conversation_id=conversation_id)


def shared_window(link: ShareLink, leaf_id: UUID, *, first: int, last: int) -> list[Message]:
    """This will list the messages of a shared branch from depth `first` to `last`, oldest first."""
    return list(Message.objects.raw(_WINDOW, [leaf_id, link.conversation_id, first, first, last]))


def shared_attachment(link: ShareLink, attachment_id: UUID, leaves: list[UUID]) -> Attachment | None:
    """This will find a file of a shared message; a file of any other message is not there."""
    found = Attachment.objects.filter(pk=attachment_id, message__conversation_id=link.conversation_id).first()
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_IN_BRANCHES, [leaves, found.message_id])
        row = cursor.fetchone()
    return found if row and row[0] else None


def attachments_of(message_ids: list[UUID]) -> dict[UUID, list[Attachment]]:
    """This will list the files of messages."""
    found: dict[UUID, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=message_ids):
        if attachment.message_id:
            found.setdefault(attachment.message_id, []).append(attachment)
    return found


def tree_of(link: ShareLink) -> list[tuple[UUID, UUID | None]]:
    """This will list each message of the conversation with the one above it, in the order they were written."""
    return list(
        Message.objects.filter(conversation_id=link.conversation_id).order_by("id").values_list("pk", "parent_id")
    )


def ends_of(conversation_id: UUID, *, limit: int) -> list[UUID]:
    """This will list the ends of all branches, the newest first."""
    ends = Message.objects.filter(conversation_id=conversation_id, children=None).order_by("-id")
    return list(ends.values_list("pk", flat=True)[:limit])


def _open(rows: "QuerySet[ShareLink]", now: datetime) -> "QuerySet[ShareLink]":
    return rows.filter(
        Q(expires_at=None) | Q(expires_at__gt=now),
        revoked_at=None,
        conversation__deleted_at=None,
        conversation__owner_id=F("owner_id"),
        owner__is_active=True,
    )
