"""Conversations, messages and attachments, fetched and authorized in one call; a stranger gets NotFound."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from apps.chat.access.permissions import check_reads, check_writes
from apps.chat.access.projects import readable_projects
from apps.chat.errors import AttachmentRefused, ConversationNotFound, MessageNotFound
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.temporary import TemporaryConversation, conversation_of_message, load_temporary
from olympus.kernel.actor import Actor
from olympus.kernel.errors import NotFound


def conversation_for_reading(actor: Actor, conversation_id: UUID) -> Conversation:
    """This will fetch one of the actor's own conversations."""
    check_reads(actor)
    found = Conversation.objects.filter(
        pk=conversation_id, organization_id=actor.organization_id, owner_id=actor.user_id, deleted_at=None
    ).first()
    if found is None:
        raise ConversationNotFound
    return found


def conversation_for_writing(actor: Actor, conversation_id: UUID) -> Conversation:
    """This will fetch and lock one of the actor's own conversations, inside a transaction."""
    check_writes(actor)
    found = (
        Conversation.objects.select_for_update(of=("self",))
        .filter(pk=conversation_id, organization_id=actor.organization_id, owner_id=actor.user_id, deleted_at=None)
        .first()
    )
    if found is None:
        raise ConversationNotFound
    return found


def conversation_for_restoring(actor: Actor, conversation_id: UUID, *, not_before: datetime) -> Conversation:
    """This will fetch and lock one of the actor's own conversations, also one deleted since `not_before`."""
    check_writes(actor)
    found = (
        Conversation.objects.select_for_update(of=("self",))
        .filter(Q(deleted_at=None) | Q(deleted_at__gt=not_before))
        .filter(pk=conversation_id, organization_id=actor.organization_id, owner_id=actor.user_id)
        .first()
    )
    if found is None:
        raise ConversationNotFound
    return found


def message_for_reading(actor: Actor, message_id: UUID) -> Message:
    """This will fetch a message of one of the actor's own conversations."""
    check_reads(actor)
    own = Message.objects.filter(organization_id=actor.organization_id, owner_id=actor.user_id)
    found = own.filter(pk=message_id, conversation__deleted_at=None).first()
    if found is None:
        raise MessageNotFound
    return found


def message_for_writing(actor: Actor, message_id: UUID, *, role: Message.Role | None = None) -> Message:
    """This will fetch a message of the actor's own and lock its conversation, inside a transaction."""
    check_writes(actor)
    rows = Message.objects.filter(pk=message_id, organization_id=actor.organization_id, owner_id=actor.user_id)
    message = rows.filter(role=role).first() if role else rows.first()
    if message is None:
        raise MessageNotFound
    message.conversation = conversation_for_writing(actor, message.conversation_id)
    return message


def temporary_for(actor: Actor, conversation_id: UUID) -> TemporaryConversation | None:
    """This will fetch one of the actor's own temporary conversations, or None."""
    return _own(actor, load_temporary(conversation_id))


def temporary_for_writing(actor: Actor, conversation_id: UUID) -> TemporaryConversation | None:
    """This will fetch one of the actor's own temporary conversations and lock it, inside a transaction."""
    return _locked(temporary_for(actor, conversation_id))


def temporary_holding_for_writing(actor: Actor, message_id: UUID) -> TemporaryConversation | None:
    """This will fetch the actor's own temporary conversation a message is in and lock it, inside a transaction."""
    return _locked(temporary_holding(actor, message_id))


def temporary_holding(actor: Actor, message_id: UUID) -> TemporaryConversation | None:
    """This will fetch the actor's own temporary conversation a message is in, or None."""
    return _own(actor, conversation_of_message(message_id))


def attachments_for_sending(actor: Actor, attachment_ids: Collection[UUID]) -> list[Attachment]:
    """This will fetch and lock the actor's own attachments that no message has yet, inside a transaction."""
    found = (
        Attachment.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            pk__in=attachment_ids,
            organization_id=actor.organization_id,
            owner_id=actor.user_id,
            message=None,
            project=None,
        )
        .order_by("pk")
    )
    attachments = {attachment.pk: attachment for attachment in found}
    if missing := [a for a in attachment_ids if a not in attachments]:
        sentence = _("The attachment %(id)s does not exist or was sent already.") % {"id": missing[0]}
        raise AttachmentRefused(sentence, field="attachments")
    return [attachments[a] for a in attachment_ids]


def attachment_for_reading(actor: Actor, attachment_id: UUID) -> Attachment:
    """This will fetch one of the actor's own attachments, or a file of a project the actor may use now."""
    check_reads(actor)
    is_own = Q(owner_id=actor.user_id, project=None, organization_id=actor.organization_id)
    found = Attachment.objects.filter(is_own | Q(project__in=readable_projects(actor)), pk=attachment_id).first()
    if found is None:
        raise NotFound(_("There is no such attachment."))
    return found


def _locked(conversation: TemporaryConversation | None) -> TemporaryConversation | None:
    """It has no row to lock, so a number made of its id is; then it is read again, as whoever came first left it."""
    if conversation is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [conversation.id.hex])
    return load_temporary(conversation.id)


def _own(actor: Actor, conversation: TemporaryConversation | None) -> TemporaryConversation | None:
    check_reads(actor)
    is_own = conversation is not None and (conversation.owner_id, conversation.organization_id) == (
        actor.user_id,
        actor.organization_id,
    )
    return conversation if is_own else None
