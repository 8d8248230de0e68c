"""What is said in a conversation: post a message, answer again, edit."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.agents import facade as agents
from apps.chat import temporary
from apps.chat.access import (
    attachments_for_sending,
    conversation_for_writing,
    message_for_writing,
    temporary_for_writing,
    temporary_holding_for_writing,
)
from apps.chat.contracts import Receipt, StoredMessage
from apps.chat.engine.context import title_from
from apps.chat.errors import AnswerRunning, ConversationNotFound, MessageNotFound
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions, stored_options
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Denied, Invalid
from olympus.kernel.idempotency import once
from olympus.kernel.ids import uuid7
from olympus.kernel.text import clean_text

STORED_HOST = "chat"
TEMPORARY_HOST = "chat-temporary"
# A person's longest paste that models of today can read; a frame holds twice that.
MAX_TEXT_LENGTH = 500_000
MAX_ATTACHMENTS = 20


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
) -> Receipt:
    """This will store a message and order its answer, once for each `client_id`.

    Without a conversation a new one begins; without a parent the message follows the
    active leaf. While that leaf is still being written, the new answer waits for it.
    """
    options = options or TurnOptions()
    text = _checked_text(text, attachment_ids)
    draft = _Draft(actor, text, clean_text(model or ""), stored_options(options), tuple(attachment_ids))

    def post() -> Receipt:
        if conversation_id is None and options.temporary:
            return _post_temporary(
                draft, temporary.new_temporary(actor.user_id, actor.organization_id, title_from(text)), None
            )
        if conversation_id is not None and (found := temporary_for_writing(actor, conversation_id)):
            return _post_temporary(draft, found, parent_id)
        conversation = (
            _begin(actor, text) if conversation_id is None else conversation_for_writing(actor, conversation_id)
        )
        return _post_below(draft, conversation, _parent(conversation, parent_id))

    return _once(actor, client_id, post)


def regenerate(actor: Actor, *, client_id: str, message_id: UUID, model: str | None = None) -> Receipt:
    """This will order another answer to the same message, beside the one there is."""

    def again() -> Receipt:
        if found := temporary_holding_for_writing(actor, message_id):
            return _regenerate_temporary(actor, found, message_id, model)
        answer = message_for_writing(actor, message_id, role=Message.Role.ASSISTANT)
        _refuse_running(answer.pk)
        question = Message.objects.get(children=answer)
        draft = _Draft(actor, question.text, clean_text(model or answer.model), question.options, ())
        return _answer(draft, answer.conversation, question, waits_for=None)

    return _once(actor, client_id, again)


def edit_message(actor: Actor, *, client_id: str, message_id: UUID, text: str) -> Receipt:
    """This will post a changed message beside the old one, with its files, and order its answer."""
    files = Attachment.objects.filter(message_id=message_id, owner_id=actor.user_id).values_list("pk", flat=True)
    text = _checked_text(text, list(files))

    def edit() -> Receipt:
        if found := temporary_holding_for_writing(actor, message_id):
            old = found.messages[message_id]
            return _post_temporary(_Draft(actor, text, old.model, old.options, ()), found, old.parent, is_edit=True)
        old_message = message_for_writing(actor, message_id, role=Message.Role.USER)
        draft = _Draft(actor, text, old_message.model, old_message.options, ())
        receipt = _post_below(draft, old_message.conversation, old_message.parent)
        _share_attachments(old_message, receipt)
        return receipt

    return _once(actor, client_id, edit)


class _Draft(msgspec.Struct, frozen=True):
    actor: Actor
    text: str
    model: str
    options: dict[str, Any]
    attachment_ids: tuple[UUID, ...]


def _once(actor: Actor, client_id: str, work: Callable[[], Receipt]) -> Receipt:
    if not actor.may_write:
        raise Denied("You may read here, but not change anything.")
    if not 0 < len(client_id) <= 100:
        raise Invalid("A frame that writes needs an id of 1 to 100 characters.", field="id")
    stored, is_new = once(actor.user_id, "live", clean_text(client_id), lambda: msgspec.to_builtins(work()))
    return replace(msgspec.convert(stored, Receipt), is_repeat=not is_new)


def _checked_text(text: str, attachment_ids: Sequence[UUID]) -> str:
    text = clean_text(text)
    if len(text) > MAX_TEXT_LENGTH:
        raise Invalid(f"A message holds at most {MAX_TEXT_LENGTH:,} characters; this has {len(text):,}.", field="text")
    if len(attachment_ids) > MAX_ATTACHMENTS:
        raise Invalid(f"A message carries at most {MAX_ATTACHMENTS} files.", field="attachments")
    if not text.strip() and not attachment_ids:
        raise Invalid("Write something first.", field="text")
    return text


def _begin(actor: Actor, text: str) -> Conversation:
    """A conversation not yet stored: it is, together with its first messages."""
    return Conversation(organization_id=actor.organization_id, owner_id=actor.user_id, title=title_from(text))


def _parent(conversation: Conversation, parent_id: UUID | None) -> Message | None:
    wanted = parent_id or conversation.active_leaf_id
    if wanted is None:
        return None
    parent = Message.objects.filter(pk=wanted, conversation=conversation, role=Message.Role.ASSISTANT).first()
    if parent is None:
        raise MessageNotFound("The message to answer below does not exist in this conversation.")
    return parent


def _post_below(draft: _Draft, conversation: Conversation, parent: Message | None) -> Receipt:
    attachments = attachments_for_sending(draft.actor, draft.attachment_ids) if draft.attachment_ids else []
    question = Message(
        conversation=conversation,
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        role=Message.Role.USER,
        text=draft.text,
        model=draft.model,
        options=draft.options,
    )
    waits_for = agents.unfinished_run_for(parent.pk) if parent else None
    receipt = _answer(draft, conversation, question, waits_for=waits_for)
    if attachments:
        Attachment.objects.filter(pk__in=draft.attachment_ids).update(message=question)
    return receipt


def _answer(draft: _Draft, conversation: Conversation, question: Message, *, waits_for: UUID | None) -> Receipt:
    """Store an empty answer, and what it answers if that is new, in as few statements as there are tables."""
    run_id = uuid7()
    answer = Message(
        conversation=conversation,
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        parent=question,
        depth=question.depth + 1,
        role=Message.Role.ASSISTANT,
        run_id=run_id,
        state="queued",
        options=draft.options,
    )
    # The constraints between the two tables are checked at commit, so each may name the other.
    conversation.active_leaf_id, conversation.updated_at = answer.pk, timezone.now()
    if conversation._state.adding:  # noqa: SLF001 - Django's own mark of a row not yet stored
        conversation.save(force_insert=True)
    else:
        conversation.save(update_fields=["active_leaf", "updated_at"])
    Message.objects.bulk_create([question, answer] if question._state.adding else [answer])  # noqa: SLF001
    return _order(draft, conversation.pk, question.pk, answer.pk, run_id, STORED_HOST, waits_for)


def _order(
    draft: _Draft,
    conversation_id: UUID,
    question_id: UUID,
    answer_id: UUID,
    run_id: UUID,
    host: str,
    waits_for: UUID | None,
) -> Receipt:
    state = agents.order_run(
        draft.actor,
        run_id=run_id,
        host=host,
        thread_id=conversation_id,
        subject_id=answer_id,
        model=draft.model,
        options=draft.options if host == STORED_HOST else {},
        waits_for_id=waits_for,
        is_ephemeral=host == TEMPORARY_HOST,
    )
    tell_user_after_commit(
        draft.actor.user_id,
        agents.RunStarted(
            run_id=run_id, conversation=conversation_id, message=question_id, answer=answer_id, state=state
        ),
    )
    return Receipt(conversation_id, question_id, answer_id, run_id, state.value)


def _share_attachments(old: Message, receipt: Receipt) -> None:
    """An edited message keeps its files: each gets a second row over the same stored file."""
    for attachment in Attachment.objects.filter(message=old):
        attachment.pk = uuid7()
        attachment.message_id = receipt.message
        attachment.save(force_insert=True)


def _refuse_running(answer_id: UUID) -> None:
    if agents.unfinished_run_for(answer_id) is not None:
        raise AnswerRunning


def _post_temporary(
    draft: _Draft, conversation: temporary.TemporaryConversation, parent_id: UUID | None, *, is_edit: bool = False
) -> Receipt:
    if draft.attachment_ids:
        raise Invalid("Temporary conversations take no files, since files are stored.", field="attachments")
    wanted = parent_id if parent_id or is_edit else conversation.leaf
    parent = conversation.messages.get(wanted) if wanted else None
    if wanted and (parent is None or parent.role != "assistant"):
        raise MessageNotFound("The message to answer below does not exist in this conversation.")
    run_id = uuid7()
    question, answer = temporary.new_pair(
        text=draft.text, parent=parent, run_id=run_id, options=draft.options, attachments=[], now=timezone.now()
    )
    return _store_temporary(
        draft, conversation, question, answer, waits_for=agents.unfinished_run_for(parent.id) if parent else None
    )


def _regenerate_temporary(
    actor: Actor, conversation: temporary.TemporaryConversation, message_id: UUID, model: str | None
) -> Receipt:
    old = conversation.messages[message_id]
    question = conversation.messages.get(old.parent) if old.parent and old.role == "assistant" else None
    if question is None:
        raise MessageNotFound
    _refuse_running(message_id)
    draft = _Draft(actor, question.text, clean_text(model or old.model), question.options, ())
    answer = temporary.new_answer(question, run_id=uuid7(), options=question.options, now=timezone.now())
    return _store_temporary(draft, conversation, question, answer, waits_for=None)


def _store_temporary(
    draft: _Draft,
    conversation: temporary.TemporaryConversation,
    question: StoredMessage,
    answer: StoredMessage,
    *,
    waits_for: UUID | None,
) -> Receipt:
    if answer.run_id is None:
        raise ConversationNotFound
    # The order first: one that is refused must not leave an answer behind that nobody writes.
    receipt = _order(draft, conversation.id, question.id, answer.id, answer.run_id, TEMPORARY_HOST, waits_for)
    temporary.save_messages(conversation, question, answer, leaf=answer.id)
    return receipt
