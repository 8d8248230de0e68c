"""Answers beside the one there is, and the end of those being written."""

from dataclasses import replace
from uuid import UUID

from apps.agents import facade as agents
from apps.agents.contracts import RunState
from apps.chat.access import message_for_writing, temporary_for, temporary_holding_for_writing
from apps.chat.contracts import Receipt
from apps.chat.errors import AnswerRunning
from apps.chat.models import Message
from apps.chat.options import TurnOptions
from apps.chat.services import temporary_turns
from apps.chat.services.drafts import Draft, checked_model, given_options, take_once
from apps.chat.services.naming import same_model
from apps.chat.services.ordering import store_and_order
from olympus.kernel.actor import Actor


def regenerate(
    actor: Actor,
    *,
    client_id: str,
    message_id: UUID,
    model: str | None = None,
    options: TurnOptions | None = None,
) -> Receipt:
    """This will order another answer to the same message, beside the one there is.

    By the same model and with the same options, but for what is given.
    """
    given, asked = given_options(options), checked_model(model)

    def again() -> Receipt:
        if found := temporary_holding_for_writing(actor, message_id):
            return temporary_turns.regenerate(Draft(actor, "", asked, given), found, message_id)
        answer = message_for_writing(actor, message_id, role=Message.Role.ASSISTANT)
        if agents.unfinished_run_for(answer.pk) is not None:
            raise AnswerRunning
        question = Message.objects.get(children=answer)
        name = asked or same_model(actor, answer.provider, answer.model, answer.route)
        draft = Draft(actor, question.text, name, {**question.options, **given})
        return store_and_order(
            draft.within(answer.conversation.settings), answer.conversation, question, waits_for=None
        )

    receipt, is_new = take_once(actor, client_id, again, Receipt)
    return replace(receipt, is_repeat=not is_new)


def stop_answer(actor: Actor, *, run_id: UUID, alone: bool = False) -> RunState:
    """This will stop an answer, or withdraw one that waits; of a comparison both, unless this one alone."""
    state = agents.stop_run(actor, run_id=run_id)
    for other in [] if alone else _compared_runs(actor, run_id):
        agents.stop_run(actor, run_id=other)
    return state


def _compared_runs(actor: Actor, run_id: UUID) -> list[UUID]:
    place = agents.place_of_run(run_id)
    if place is None:
        return []
    thread_id, answer_id = place
    if found := temporary_for(actor, thread_id):
        own = found.messages.get(answer_id)
        beside = [
            m for m in found.messages.values() if own and m.comparison_id and m.comparison_id == own.comparison_id
        ]
        return [message.run_id for message in beside if message.run_id and message.id != answer_id]
    comparison_id = Message.objects.filter(pk=answer_id).values_list("comparison_id", flat=True).first()
    if comparison_id is None:
        return []
    beside_it = Message.objects.filter(comparison_id=comparison_id).exclude(pk=answer_id)
    return [other for other in beside_it.values_list("run_id", flat=True) if other]
