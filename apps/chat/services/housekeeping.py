"""Keeping conversations in order: rename, delete, and what goes for good."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.chat.access import conversation_for_writing
from apps.chat.events import ConversationChanged, ConversationSummary
from apps.chat.models import Attachment, Conversation
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

DELETED_REST = timedelta(days=30)


@transaction.atomic
def rename_conversation(actor: Actor, *, conversation_id: UUID, title: str) -> None:
    """This will give a conversation another title."""
    title = " ".join(clean_text(title).split())[:200]
    if not title:
        raise Invalid("A title needs at least one letter.", field="title")
    conversation = conversation_for_writing(actor, conversation_id)
    Conversation.objects.filter(pk=conversation.pk).update(title=title)
    _tell_changed(actor, conversation.pk, title)


@transaction.atomic
def delete_conversation(actor: Actor, *, conversation_id: UUID) -> None:
    """This will put a conversation to rest; after 30 days it is gone for good."""
    conversation = conversation_for_writing(actor, conversation_id)
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now())
    _tell_changed(actor, conversation.pk, conversation.title)


def remove_deleted() -> int:
    """This will remove conversations that have rested long enough, and files no message ever took."""
    horizon = timezone.now() - DELETED_REST
    unsent = Attachment.objects.filter(message=None, created_at__lt=timezone.now() - timedelta(days=1))
    gone = Attachment.objects.filter(message__conversation__deleted_at__lt=horizon)
    for attachment in [*unsent[:1000], *gone]:
        attachment.file.delete(save=False)
        attachment.delete()
    count, _ = Conversation.objects.filter(deleted_at__lt=horizon).delete()
    return count


def _tell_changed(actor: Actor, conversation_id: UUID, title: str) -> None:
    summary = ConversationSummary(id=conversation_id, title=title, is_temporary=False)
    tell_user_after_commit(actor.user_id, ConversationChanged(conversation=summary))
