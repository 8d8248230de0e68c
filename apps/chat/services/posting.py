"""What is said in a conversation: post a message, edit one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from apps.agents import facade as agents
from apps.chat.access import (
    attachments_for_sending,
    conversation_for_writing,
    message_for_writing,
    temporary_for_writing,
    temporary_holding_for_writing,
)
from apps.chat.access.projects import project_for_using
from apps.chat.contracts import Receipt
from apps.chat.engine.context import title_from
from apps.chat.errors import MessageNotFound
from apps.chat.models import Attachment, Conversation, Message, TitleSource
from apps.chat.options import TurnOptions
from apps.chat.selectors import default_settings
from apps.chat.services import temporary_turns
from apps.chat.services.drafts import Draft, checked_model, checked_text, given_options, take_once
from apps.chat.services.ordering import new_question, store_and_order
from apps.chat.services.steering import steer_stored
from apps.chat.temporary import new_temporary
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.ids import uuid7


def post_message(
    actor: Actor,
    *,
    client_id: str,
    text: str,
    conversation_id: UUID | None = None,
    parent_id: UUID | None = None,
    model: str | None = None,
    options: TurnOptions | None = None,
    attachment_ids: Sequence[UUID] = (),
    compare: str | None = None,
    steer: bool = False,
    project_id: UUID | None = None,
) -> Receipt:
    """This will store a message and order its answer, once for each `client_id`.

    Without a conversation a new one begins, with the person's default preset if neither model
    nor options are given; without a parent the message follows the active leaf. While that
    leaf is still being written, the new answer waits for it, unless `steer` stops what is
    being written on the active branch: then the message goes below that, and is answered next.
    A model to `compare` with answers the same message beside the first. What the message does
    not say, the conversation's settings do.
    """
    draft = Draft(
        actor,
        checked_text(text, attachment_ids),
        checked_model(model),
        given_options(options),
        tuple(attachment_ids),
        checked_model(compare, field="compare"),
    )
    is_temporary = options is not None and options.temporary

    def post() -> Receipt:
        if conversation_id is None:
            return _begin(draft, project_id, is_temporary=is_temporary)
        if project_id is not None:
            raise Invalid(_("A conversation gets its project when it begins, or is moved there."), field="project")
        if found := temporary_for_writing(actor, conversation_id):
            return temporary_turns.post(draft, found, parent_id, is_steering=steer)
        return _post_into(draft, conversation_id, parent_id, is_steering=steer)

    receipt, is_new = take_once(actor, client_id, post, Receipt)
    return replace(receipt, is_repeat=not is_new)


def edit_message(
    actor: Actor, *, client_id: str, message_id: UUID, text: str, attachment_ids: Sequence[UUID] | None = None
) -> Receipt:
    """This will post a changed message beside the old one and order its answer.

    It keeps the files of the old one, unless `attachment_ids` names those it carries: of the
    old message's or newly uploaded.
    """
    own = Attachment.objects.filter(message_id=message_id, owner_id=actor.user_id).values_list("pk", flat=True)
    kept = [each for each in own if attachment_ids is None or each in attachment_ids]
    new = [each for each in attachment_ids or () if each not in kept]
    text = checked_text(text, [*kept, *new])

    def edit() -> Receipt:
        if found := temporary_holding_for_writing(actor, message_id):
            return temporary_turns.edit(Draft(actor, text, attachment_ids=tuple(new)), found, message_id)
        old = message_for_writing(actor, message_id, role=Message.Role.USER)
        draft = Draft(actor, text, old.model, old.options, tuple(new))
        receipt = _post_below(draft, old.conversation, old.parent)
        _share_attachments(kept, receipt)
        return receipt

    receipt, is_new = take_once(actor, client_id, edit, Receipt)
    return replace(receipt, is_repeat=not is_new)


def _begin(draft: Draft, project_id: UUID | None, *, is_temporary: bool) -> Receipt:
    """A conversation not yet stored: it is, together with its first messages."""
    settings = draft.settings() if draft.model or draft.options else default_settings(draft.actor.user_id)
    draft, title = draft.within(settings), title_from(draft.text)
    if is_temporary:
        if project_id is not None:
            raise Invalid(_("A temporary conversation belongs to no project."), field="project")
        return temporary_turns.begin(draft, new_temporary(draft.actor, title, settings))
    conversation = Conversation(
        organization_id=draft.actor.organization_id,
        owner_id=draft.actor.user_id,
        title=title,
        settings=settings,
        project=project_for_using(draft.actor, project_id) if project_id else None,
    )
    return _post_below(draft, conversation, None)


def _post_into(draft: Draft, conversation_id: UUID, parent_id: UUID | None, *, is_steering: bool) -> Receipt:
    if is_steering and (receipt := steer_stored(draft, conversation_id, partial(_attach, draft))):
        return receipt
    conversation = conversation_for_writing(draft.actor, conversation_id)
    if draft.model:
        conversation.settings = {**conversation.settings, "model": draft.model}
    parent = _parent(conversation, parent_id)
    if parent is None and conversation.title_source == TitleSource.WORDS:
        conversation.title = title_from(draft.text)
    return _post_below(draft.within(conversation.settings), conversation, parent)


def _parent(conversation: Conversation, parent_id: UUID | None) -> Message | None:
    """An answer, or a question nobody answered where the branch ends, as a fork may leave it."""
    wanted = parent_id or conversation.active_leaf_id
    if wanted is None:
        return None
    parent = Message.objects.filter(pk=wanted, conversation=conversation).first()
    if parent is None or (parent.role != Message.Role.ASSISTANT and wanted != conversation.active_leaf_id):
        raise MessageNotFound(_("The message to answer below does not exist in this conversation."))
    return parent


def _post_below(draft: Draft, conversation: Conversation, parent: Message | None) -> Receipt:
    question = new_question(draft, conversation, parent)
    waits_for = agents.unfinished_run_for(parent.pk) if parent else None
    receipt = store_and_order(draft, conversation, question, waits_for=waits_for)
    _attach(draft, question)
    return receipt


def _attach(draft: Draft, question: Message) -> None:
    if draft.attachment_ids:
        found = attachments_for_sending(draft.actor, draft.attachment_ids)
        Attachment.objects.filter(pk__in=[attachment.pk for attachment in found]).update(message=question)


def _share_attachments(attachment_ids: Sequence[UUID], receipt: Receipt) -> None:
    """An edited message keeps its files: each gets a second row over the same stored file."""
    for attachment in Attachment.objects.filter(pk__in=attachment_ids):
        attachment.pk = uuid7()
        attachment.message_id = receipt.message
        attachment.save(force_insert=True)
