"""A message withdrawn before its turn, in a conversation that is not kept: where it goes on from then."""

from uuid import UUID

import pytest

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.models import Run
from apps.agents.services import stop_run
from apps.chat.contracts import Receipt
from apps.chat.hosting import TemporaryConversations
from apps.chat.options import TurnOptions
from apps.chat.services import edit_message, regenerate, stop_answer
from apps.chat.temporary import load_temporary, move_leaf
from olympus.kernel.ids import uuid7
from tests.chat.saying import post
from tests.support.cast import Someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


def begin(who: Someone, *, compare: str | None = None) -> Receipt:
    return post(who, options=TurnOptions(temporary=True), compare=compare)


def answered(who: Someone, receipt: Receipt) -> Receipt:
    """End its run as a worker would."""
    Run.objects.filter(pk=receipt.run_id).update(state="complete")
    TemporaryConversations().finish(
        RunOutcome(
            run_id=receipt.run_id,
            owner_id=who.actor.user_id,
            thread_id=receipt.conversation,
            subject_id=receipt.answer,
            state=RunState.COMPLETE,
            text="So it is.",
            model="demo",
        )
    )
    return receipt


def leaf_of(receipt: Receipt) -> UUID | None:
    found = load_temporary(receipt.conversation)
    assert found is not None
    return found.leaf


def test_a_waiting_message_leaves_the_branch(owner: Someone) -> None:
    first = begin(owner)
    waiting = post(owner, conversation_id=first.conversation)

    stop_run(owner.actor, run_id=waiting.run_id)

    assert leaf_of(first) == first.answer


def test_an_edit_goes_back_to_what_it_was_to_replace(owner: Someone) -> None:
    first = answered(owner, begin(owner))
    second = answered(owner, post(owner, conversation_id=first.conversation))
    assert first.message is not None
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")

    stop_run(owner.actor, run_id=edited.run_id)

    assert leaf_of(first) == second.answer


def test_another_answer_goes_back_to_the_one_there_was(owner: Someone) -> None:
    first = answered(owner, begin(owner))
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)

    stop_run(owner.actor, run_id=again.run_id)

    assert leaf_of(first) == first.answer


def test_the_first_of_a_comparison_goes_on_with_the_other_and_without_both_it_begins_anew(owner: Someone) -> None:
    first = begin(owner, compare="demo")
    assert first.also is not None

    stop_answer(owner.actor, run_id=first.run_id, alone=True)
    then = leaf_of(first)
    stop_answer(owner.actor, run_id=first.also.run_id, alone=True)

    assert then == first.also.answer
    assert leaf_of(first) is None
    assert leaf_of(post(owner, "Anew", conversation_id=first.conversation)) is not None


def test_who_moved_on_meanwhile_stays_there(owner: Someone) -> None:
    first = begin(owner)
    second = post(owner, conversation_id=first.conversation)

    assert move_leaf(first.conversation, off=first.answer, to=None) is False
    assert move_leaf(uuid7(), off=first.answer, to=None) is False

    assert leaf_of(first) == second.answer
