"""Reads of files people attached."""

from django.db.models import QuerySet

from apps.chat.models import Attachment
from olympus.kernel.actor import Actor


def attachments_of(actor: Actor, *, is_sent: bool | None = None) -> "QuerySet[Attachment]":
    """This will select what a person uploaded for messages, all of it or by whether a message has it."""
    rows = Attachment.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id, project=None)
    return rows if is_sent is None else rows.filter(message__isnull=not is_sent)
