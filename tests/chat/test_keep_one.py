"""Keeping one answer of a comparison, and stopping one."""

import pytest

from apps.agents.models import Run
from apps.chat.engine.windows import Ask
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.pages import turns_in
from apps.chat.services import regenerate, select_branch, stop_answer
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def test_the_answer_that_is_kept_stands_alone_with_the_other_beside_it(owner: Someone) -> None:
    receipt = post(owner, compare="demo")
    assert receipt.also is not None

    select_branch(owner.actor, client_id=uuid7().hex, message_id=receipt.also.answer)

    turns, _window = turns_in(owner.actor, receipt.conversation, Ask())
    assert [turn.id for turn in turns] == [receipt.message, receipt.also.answer]
    assert turns[1].role == "assistant"
    assert turns[1].siblings is not None
    assert (turns[1].siblings.index, turns[1].siblings.count, turns[1].siblings.previous) == (2, 2, receipt.answer)


def test_keeping_the_first_keeps_the_branch_and_ends_the_comparison(owner: Someone) -> None:
    receipt = post(owner, compare="demo")

    select_branch(owner.actor, client_id=uuid7().hex, message_id=receipt.answer)

    assert Conversation.objects.get().active_leaf_id == receipt.answer
    assert not Message.objects.filter(comparison_id__isnull=False).exists()


def test_paging_back_to_a_comparison_decides_nothing(owner: Someone) -> None:
    receipt = post(owner, compare="demo")
    answer(receipt)
    regenerate(owner.actor, client_id=uuid7().hex, message_id=receipt.answer)

    select_branch(owner.actor, client_id=uuid7().hex, message_id=receipt.answer)

    turns, _window = turns_in(owner.actor, receipt.conversation, Ask())
    assert turns[1].role == "comparison"
    assert len(turns[1].compared) == 2


def test_an_answer_of_a_temporary_comparison_is_kept_too(owner: Someone) -> None:
    receipt = post(owner, compare="demo", options=TurnOptions(temporary=True))
    assert receipt.also is not None

    select_branch(owner.actor, client_id=uuid7().hex, message_id=receipt.also.answer)

    turns, _window = turns_in(owner.actor, receipt.conversation, Ask())
    assert [turn.role for turn in turns] == ["user", "assistant"]
    assert turns[1].id == receipt.also.answer


@pytest.mark.parametrize(("alone", "stopped"), [(True, 1), (False, 2)])
def test_one_of_two_answers_is_stopped_alone_where_that_is_asked(owner: Someone, alone: bool, stopped: int) -> None:
    receipt = post(owner, compare="demo")

    stop_answer(owner.actor, run_id=receipt.run_id, alone=alone)

    assert Run.objects.filter(state="cancelled").count() == stopped
