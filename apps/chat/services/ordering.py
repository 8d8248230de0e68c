"""Ordering answers: the rows, the runs, and the news of them, in one transaction."""

from uuid import UUID

from django.utils import timezone

from apps.agents import facade as agents
from apps.agents.contracts import RunState
from apps.chat.contracts import AlsoAnswer, Receipt
from apps.chat.models import Conversation, Message
from apps.chat.services.drafts import Draft
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.ids import uuid7

STORED_HOST = "chat"
TEMPORARY_HOST = "chat-temporary"


def new_question(draft: Draft, conversation: Conversation, parent: Message | None) -> Message:
    """This will make a person's message below another, not yet stored."""
    return Message(
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


def answer_ids(draft: Draft) -> list[UUID]:
    """This will make ids for the answers that are wanted, in the order in which they are shown."""
    return sorted(uuid7() for _ in range(2 if draft.compare else 1))


def store_and_order(
    draft: Draft,
    conversation: Conversation,
    question: Message,
    *,
    waits_for: UUID | None,
    leaf: UUID | None = None,
) -> Receipt:
    """This will store empty answers, and what they answer if that is new, in as few statements as there are tables.

    The first answer becomes the active leaf unless `leaf` names another.
    """
    answers = _new_answers(draft, conversation, question)
    # The constraints between the two tables are checked at commit, so each may name the other.
    conversation.active_leaf_id, conversation.updated_at = leaf or answers[0].pk, timezone.now()
    if conversation._state.adding:  # noqa: SLF001 - Django's own mark of a row not yet stored
        conversation.save(force_insert=True)
    else:
        conversation.save(update_fields=["active_leaf", "updated_at", "settings", "title"])
    Message.objects.bulk_create([question, *answers] if question._state.adding else answers)  # noqa: SLF001
    pairs = [(answer.pk, answer.run_id) for answer in answers if answer.run_id]
    return order(draft, conversation.pk, question.pk, pairs, STORED_HOST, waits_for)


def order(
    draft: Draft,
    conversation_id: UUID,
    question_id: UUID,
    answers: list[tuple[UUID, UUID]],
    host: str,
    waits_for: UUID | None,
) -> Receipt:
    """This will order the run of each answer and tell the person's pages of it."""
    models = [draft.model, draft.compare]
    states = [
        _order_one(draft, model, conversation_id, question_id, pair, host, waits_for)
        for model, pair in zip(models, answers, strict=False)
    ]
    also = AlsoAnswer(*answers[1]) if len(answers) > 1 else None
    return Receipt(conversation_id, question_id, *answers[0], states[0].value, also=also)


def _order_one(
    draft: Draft,
    model: str,
    conversation_id: UUID,
    question_id: UUID,
    pair: tuple[UUID, UUID],
    host: str,
    waits_for: UUID | None,
) -> RunState:
    answer_id, run_id = pair
    state = agents.order_run(
        draft.actor,
        run_id=run_id,
        host=host,
        thread_id=conversation_id,
        subject_id=answer_id,
        model=model,
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
    return state


def _new_answers(draft: Draft, conversation: Conversation, question: Message) -> list[Message]:
    comparison_id = uuid7() if draft.compare else None
    return [
        Message(
            id=answer_id,
            conversation=conversation,
            organization_id=conversation.organization_id,
            owner_id=conversation.owner_id,
            parent=question,
            depth=question.depth + 1,
            role=Message.Role.ASSISTANT,
            run_id=uuid7(),
            state="queued",
            options=draft.options,
            comparison_id=comparison_id,
        )
        for answer_id in answer_ids(draft)
    ]
