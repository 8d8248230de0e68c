"""Two models answer the same message: two answers beside each other, one failing alone."""

from uuid import UUID

import pytest
import redis

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.models import Run
from apps.chat.contracts import Receipt
from apps.chat.engine.windows import Ask
from apps.chat.hosting import StoredConversations
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.pages import turns_in
from apps.chat.services import post_message, regenerate, select_branch, stop_answer
from olympus.kernel.errors import Invalid
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def ended(receipt: Receipt, state: RunState = RunState.COMPLETE, **more: str) -> None:
    """End the first run as a worker would."""
    run = Run.objects.get(pk=receipt.run_id)
    Run.objects.filter(pk=run.pk).update(state=state)
    said = {"text": "So it is.", "model": "demo", **more}
    StoredConversations().finish(RunOutcome(run.pk, run.owner_id, run.thread_id, run.subject_id, state, **said))  # type: ignore[arg-type]


def second(receipt: Receipt) -> Receipt:
    """The other answer's own receipt."""
    assert receipt.also is not None
    return Receipt(receipt.conversation, receipt.message, receipt.also.answer, receipt.also.run_id, "queued")


def leaf_of(receipt: Receipt) -> UUID | None:
    return Conversation.objects.get(pk=receipt.conversation).active_leaf_id


def test_two_answers_are_ordered_in_one_go(owner: Someone) -> None:
    receipt = post_message(owner.actor, client_id="c", text="Which?", model="demo", compare="echo")
    again = post_message(owner.actor, client_id="c", text="Which?", model="demo", compare="echo")

    assert receipt.also is not None
    assert (again.answer, again.also, again.is_repeat) == (receipt.answer, receipt.also, True)
    answers = {row.pk: row for row in Message.objects.filter(parent_id=receipt.message)}
    assert set(answers) == {receipt.answer, receipt.also.answer}
    assert len({row.comparison_id for row in answers.values()} - {None}) == 1
    models = dict(Run.objects.values_list("pk", "model"))
    assert models == {receipt.run_id: "demo", receipt.also.run_id: "echo"}
    assert leaf_of(receipt) == receipt.answer


def test_without_another_model_there_is_one_answer(owner: Someone) -> None:
    assert post(owner, compare="").also is None


@pytest.mark.parametrize("is_temporary", [False, True])
def test_the_page_shows_both_as_one_turn(is_temporary: bool, owner: Someone, store: redis.Redis) -> None:
    receipt = post(owner, compare="echo", options=TurnOptions(temporary=is_temporary))
    assert receipt.also is not None

    _question, turn = turns_in(owner.actor, receipt.conversation, Ask())[0]

    assert (turn.role, turn.id) == ("comparison", receipt.answer)
    assert [side.id for side in turn.compared] == [receipt.answer, receipt.also.answer]
    assert [side.role for side in turn.compared] == ["assistant", "assistant"]
    assert turn.comparison is not None
    assert turn.siblings is None
    assert not turn.is_over


def test_one_that_fails_leaves_the_other_as_it_is(owner: Someone) -> None:
    receipt = post(owner, compare="echo")

    ended(receipt, RunState.ERROR, text="", error_code="unreachable", error_message="It is away.")

    _question, turn = turns_in(owner.actor, receipt.conversation, Ask())[0]
    assert [side.state for side in turn.compared] == ["error", "queued"]
    assert Run.objects.get(pk=second(receipt).run_id).state == "queued"
    assert leaf_of(receipt) == receipt.answer


def test_the_next_message_goes_on_below_the_active_one_and_waits_for_its_run(owner: Someone) -> None:
    receipt = post(owner, compare="echo")

    following = post(owner, conversation_id=receipt.conversation)

    assert Message.objects.get(pk=following.message).parent_id == receipt.answer
    assert Run.objects.get(pk=following.run_id).waits_for_id == receipt.run_id


def test_a_comparison_that_waits_waits_for_the_same_run(owner: Someone) -> None:
    first = post(owner)

    receipt = post(owner, conversation_id=first.conversation, compare="echo")

    waits = Run.objects.filter(pk__in=[receipt.run_id, second(receipt).run_id]).values_list("waits_for", flat=True)
    assert list(waits) == [first.run_id, first.run_id]


@pytest.mark.parametrize("is_temporary", [False, True])
def test_a_stop_ends_both(is_temporary: bool, owner: Someone, store: redis.Redis) -> None:
    receipt = post(owner, compare="echo", options=TurnOptions(temporary=is_temporary))
    Run.objects.update(state="streaming")

    stop_answer(owner.actor, run_id=second(receipt).run_id)

    assert set(Run.objects.values_list("is_cancel_requested", flat=True)) == {True}


def test_withdrawing_the_first_alone_goes_on_with_the_other(owner: Someone) -> None:
    receipt = post(owner, compare="echo")

    stop_answer(owner.actor, run_id=receipt.run_id, alone=True)
    then = leaf_of(receipt)
    stop_answer(owner.actor, run_id=second(receipt).run_id, alone=True)

    assert then == second(receipt).answer
    assert leaf_of(receipt) is None


def test_withdrawing_another_answer_returns_to_the_one_there_was(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)

    stop_answer(owner.actor, run_id=again.run_id)

    assert leaf_of(first) == first.answer


def test_a_comparison_is_one_place_among_siblings(owner: Someone) -> None:
    receipt = post(owner, compare="echo")
    ended(receipt)
    ended(second(receipt))
    again = regenerate(owner.actor, client_id="r", message_id=receipt.answer)
    post(owner, conversation_id=receipt.conversation, parent_id=second(receipt).answer)

    siblings = turns_in(owner.actor, receipt.conversation, Ask(leaf=again.answer))[0][1].siblings
    compared = turns_in(owner.actor, receipt.conversation, Ask(leaf=receipt.answer))[0][1].siblings

    assert siblings is not None
    assert (siblings.index, siblings.count) == (2, 2)
    assert siblings.previous == second(receipt).answer, "paging back leads to the answer that was gone on from"
    assert compared is not None
    assert (compared.index, compared.count, compared.next) == (1, 2, again.answer)


@pytest.mark.parametrize("name", ["x" * 201])
def test_a_name_no_model_has_is_refused(name: str, owner: Someone) -> None:
    with pytest.raises(Invalid) as caught:
        post(owner, compare=name)

    assert caught.value.field == "compare"


def test_what_postgres_cannot_hold_is_replaced_in_a_name(owner: Someone) -> None:
    receipt = post_message(owner.actor, client_id=uuid7().hex, text="Which?", compare="a\x00")

    assert Run.objects.get(pk=second(receipt).run_id).model == "a\ufffd"


@pytest.mark.parametrize("is_temporary", [False, True])
def test_one_is_kept_on_purpose_also_after_the_branch_went_elsewhere(
    is_temporary: bool, owner: Someone, store: redis.Redis
) -> None:
    first = post(owner, compare="echo", options=TurnOptions(temporary=is_temporary))
    assert first.also is not None
    below = post(owner, compare="echo", conversation_id=first.conversation, parent_id=first.answer)
    select_branch(owner.actor, client_id="k1", message_id=first.also.answer, keeps=True)

    select_branch(owner.actor, client_id="k2", message_id=below.answer, keeps=True)

    turns, _window = turns_in(owner.actor, first.conversation, Ask())
    assert [turn.role for turn in turns] == ["user", "assistant", "user", "assistant"]
