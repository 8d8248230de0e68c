"""Keeping conversations in order: begin, rename, pin, archive, move, delete, restore, and what goes for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.chat.access import check_writes, conversation_for_restoring, conversation_for_writing
from apps.chat.access.projects import project_for_using
from apps.chat.attaching import forget_files
from apps.chat.conversation_settings import ConversationSettings, stored_settings
from apps.chat.events import ConversationChanged, ConversationSummary
from apps.chat.models import Attachment, Conversation, TitleSource
from apps.chat.services.projects import remove_deleted_projects
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

DELETED_REST = timedelta(days=30)
MAX_TITLE_LENGTH = 200
# Each lot is a transaction of its own, so that nobody who sends a file waits for all of them.
_FILES_AT_ONCE = 500


class ConversationChanges(TypedDict, total=False):
    """What is to become of a conversation; what is left out stays."""

    title: str
    is_pinned: bool
    is_archived: bool
    is_unread: bool
    project: UUID | None
    settings: ConversationSettings


@transaction.atomic
def create_conversation(actor: Actor, changes: ConversationChanges) -> Conversation:
    """This will begin a conversation in which nothing is said yet.

    Raises:
        Invalid: the title or the settings cannot be.
        NotFound: the project is not the actor's to use.
    """
    check_writes(actor)
    conversation = Conversation(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        title=_("New conversation"),
        updated_at=timezone.now(),
    )
    _apply(actor, conversation, changes)
    conversation.save(force_insert=True)
    _tell_changed(actor, conversation)
    return conversation


@transaction.atomic
def change_conversation(actor: Actor, *, conversation_id: UUID, changes: ConversationChanges) -> Conversation:
    """This will change what is given of a conversation and tell the person's open pages.

    Raises:
        NotFound: the conversation, or the project it should move to, is not the actor's.
        Invalid: the title or the settings cannot be.
    """
    conversation = conversation_for_writing(actor, conversation_id)
    if fields := _apply(actor, conversation, changes):
        conversation.save(update_fields=fields)
        _tell_changed(actor, conversation)
    return conversation


def rename_conversation(actor: Actor, *, conversation_id: UUID, title: str) -> None:
    """This will give a conversation another title, which no model replaces any more."""
    change_conversation(actor, conversation_id=conversation_id, changes={"title": title})


@transaction.atomic
def delete_conversation(actor: Actor, *, conversation_id: UUID) -> None:
    """This will put a conversation to rest; for 30 days it can be restored, then it is gone for good."""
    conversation = conversation_for_writing(actor, conversation_id)
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=timezone.now())
    _tell_changed(actor, conversation)


@transaction.atomic
def restore_conversation(actor: Actor, *, conversation_id: UUID) -> Conversation:
    """This will take a deletion back; one that was not deleted stays as it is.

    Raises:
        NotFound: it is gone for good, or was never the actor's.
    """
    conversation = conversation_for_restoring(actor, conversation_id, not_before=timezone.now() - DELETED_REST)
    if conversation.deleted_at is not None:
        conversation.deleted_at = None
        conversation.save(update_fields=["deleted_at"])
        _tell_changed(actor, conversation)
    return conversation


def remove_deleted() -> int:
    """This will remove conversations that have rested long enough, and files no message ever took."""
    horizon = timezone.now() - DELETED_REST
    long_unsent = timezone.now() - timedelta(days=1)
    gone = Attachment.objects.filter(message__conversation__deleted_at__lt=horizon)
    unsent = Attachment.objects.filter(message=None, project=None, created_at__lt=long_unsent)
    for rows in (gone, unsent):
        while forget_files(rows.filter(pk__in=rows.order_by("pk").values("pk")[:_FILES_AT_ONCE])):
            pass
    remove_deleted_projects(horizon)
    count, _rows = Conversation.objects.filter(deleted_at__lt=horizon).delete()
    return count


def _apply(actor: Actor, conversation: Conversation, changes: ConversationChanges) -> list[str]:
    """Set the fields the changes mean and name them."""
    fields: list[str] = []
    for name, value in changes.items():
        fields += _SETTERS[name](actor, conversation, value)
    return fields


def _set_title(_actor: Actor, conversation: Conversation, title: str) -> list[str]:
    title = " ".join(clean_text(title).split())[:MAX_TITLE_LENGTH].rstrip()
    if not title:
        raise Invalid(_("A title needs at least one letter."), field="title")
    conversation.title, conversation.title_source = title, TitleSource.PERSON
    return ["title", "title_source"]


def _set_pinned(_actor: Actor, conversation: Conversation, is_pinned: bool) -> list[str]:  # noqa: FBT001 - one of a table
    conversation.pinned_at = (conversation.pinned_at or timezone.now()) if is_pinned else None
    return ["pinned_at"]


def _set_archived(_actor: Actor, conversation: Conversation, is_archived: bool) -> list[str]:  # noqa: FBT001 - as above
    conversation.archived_at = (conversation.archived_at or timezone.now()) if is_archived else None
    return ["archived_at"]


def _set_unread(_actor: Actor, conversation: Conversation, is_unread: bool) -> list[str]:  # noqa: FBT001 - as above
    conversation.is_unread = is_unread
    return ["is_unread"]


def _set_project(actor: Actor, conversation: Conversation, project_id: UUID | None) -> list[str]:
    conversation.project = project_for_using(actor, project_id) if project_id else None
    return ["project"]


def _set_settings(_actor: Actor, conversation: Conversation, settings: ConversationSettings) -> list[str]:
    conversation.settings = stored_settings(settings)
    return ["settings"]


_SETTERS: dict[str, Callable[[Actor, Conversation, Any], list[str]]] = {
    "title": _set_title,
    "is_pinned": _set_pinned,
    "is_archived": _set_archived,
    "is_unread": _set_unread,
    "project": _set_project,
    "settings": _set_settings,
}


def _tell_changed(actor: Actor, conversation: Conversation) -> None:
    summary = ConversationSummary(id=conversation.pk, title=conversation.title, is_temporary=False)
    tell_user_after_commit(actor.user_id, ConversationChanged(conversation=summary))
