"""What is said in temporary conversations: the same verbs over messages in Valkey.

Whoever calls holds the conversation's lock. A run is ordered before the messages are saved:
one that is refused must not leave an answer behind that nobody writes.
"""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.agents import facade as agents
from apps.chat import temporary
from apps.chat.contracts import Receipt, StoredMessage
from apps.chat.engine.steering import Steering, plan_steering
from apps.chat.errors import AnswerRunning, MessageNotFound
from apps.chat.events import ConversationBranch
from apps.chat.services.drafts import Draft
from apps.chat.services.naming import same_model
from apps.chat.services.ordering import TEMPORARY_HOST, answer_ids, order
from apps.chat.temporary import TemporaryConversation, TemporaryTree
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Invalid
from olympus.kernel.ids import uuid7


def begin(draft: Draft, conversation: TemporaryConversation) -> Receipt:
    """This will post the first message."""
    return _post_below(draft, conversation, None)


def post(
    draft: Draft, conversation: TemporaryConversation, parent_id: UUID | None, *, is_steering: bool = False
) -> Receipt:
    """This will post a message below another, or below the leaf; a steering one below what it stops."""
    if draft.model:
        conversation.settings = {**conversation.settings, "model": draft.model}
    draft = draft.within(conversation.settings)
    plan = _plan(draft, conversation) if is_steering else None
    if plan and agents.interrupt_runs(draft.actor, run_ids=plan.runs):
        return _post_steering(draft, conversation, plan)
    wanted = parent_id or conversation.leaf
    parent = conversation.messages.get(wanted) if wanted else None
    if wanted and (parent is None or parent.role != "assistant"):
        raise MessageNotFound(_("The message to answer below does not exist in this conversation."))
    return _post_below(draft, conversation, parent)


def edit(draft: Draft, conversation: TemporaryConversation, message_id: UUID) -> Receipt:
    """This will post a changed message beside the old one."""
    old = conversation.messages[message_id]
    if old.role != "user":
        raise MessageNotFound
    changed = Draft(draft.actor, draft.text, old.model, old.options, draft.attachment_ids)
    return _post_below(changed, conversation, conversation.messages[old.parent] if old.parent else None)


def regenerate(draft: Draft, conversation: TemporaryConversation, message_id: UUID) -> Receipt:
    """This will order another answer; the draft has what differs from the old one."""
    old = conversation.messages[message_id]
    question = conversation.messages.get(old.parent) if old.parent and old.role == "assistant" else None
    if question is None:
        raise MessageNotFound
    if agents.unfinished_run_for(message_id) is not None:
        raise AnswerRunning
    name = draft.model or same_model(draft.actor, old.provider, old.model, old.route)
    again = Draft(draft.actor, question.text, name, {**question.options, **draft.options})
    again = again.within(conversation.settings)
    return _order_and_save(again, conversation, question, _answers(again, question, timezone.now()), waits_for=None)


def _plan(draft: Draft, conversation: TemporaryConversation) -> Steering | None:
    live = agents.live_runs_of_thread(draft.actor.user_id, conversation.id)
    return plan_steering(TemporaryTree(conversation), conversation.leaf, live)


def _post_steering(draft: Draft, conversation: TemporaryConversation, plan: Steering) -> Receipt:
    waiting = TemporaryTree(conversation).below(plan.behind[0].id) if plan.behind else []
    receipt = _post_below(draft, conversation, conversation.messages[plan.head.id])
    if not waiting:
        return receipt
    first = waiting[0]
    changes: dict[UUID, dict[str, object]] = {message.id: {"depth": message.depth + 2} for message in waiting}
    changes[first.id]["parent"] = receipt.answer
    temporary.change_messages(conversation.id, changes)
    temporary.save_messages(conversation, leaf=plan.behind[-1].id)
    runs = [message.run_id for message in waiting if message.parent == first.id and message.run_id]
    agents.wait_behind(runs, waits_for_id=receipt.run_id)
    tell_user_after_commit(
        draft.actor.user_id, ConversationBranch(conversation=conversation.id, leaf=plan.behind[-1].id)
    )
    return receipt


def _post_below(draft: Draft, conversation: TemporaryConversation, parent: StoredMessage | None) -> Receipt:
    if draft.attachment_ids:
        raise Invalid(_("Temporary conversations take no files, since files are stored."), field="attachments")
    now = timezone.now()
    question = temporary.new_question(text=draft.text, parent=parent, model=draft.model, options=draft.options, now=now)
    waits_for = agents.unfinished_run_for(parent.id) if parent else None
    return _order_and_save(draft, conversation, question, _answers(draft, question, now), waits_for=waits_for)


def _answers(draft: Draft, question: StoredMessage, now: datetime) -> list[StoredMessage]:
    comparison_id = uuid7() if draft.compare else None
    return [
        temporary.new_answer(question, each, options=draft.options, comparison_id=comparison_id, now=now)
        for each in answer_ids(draft)
    ]


def _order_and_save(
    draft: Draft,
    conversation: TemporaryConversation,
    question: StoredMessage,
    answers: list[StoredMessage],
    *,
    waits_for: UUID | None,
) -> Receipt:
    pairs = [(answer.id, answer.run_id) for answer in answers if answer.run_id]
    receipt = order(draft, conversation.id, question.id, pairs, TEMPORARY_HOST, waits_for)
    temporary.save_messages(conversation, question, *answers, leaf=receipt.answer)
    return receipt
