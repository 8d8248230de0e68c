"""Steering: what is being written stops and keeps its text, and this is answered next."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import redis
from django.db import connection

from apps.agents.models import Run
from apps.chat.contracts import Receipt
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.services import stop_answer
from apps.chat.temporary import load_temporary
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture(params=["stored", "temporary"])
def begun(owner: Someone, request: pytest.FixtureRequest) -> Receipt:
    """A conversation whose first answer is being written."""
    receipt = post(owner, "First", options=TurnOptions(temporary=request.param == "temporary"))
    Run.objects.update(state="streaming")
    return receipt


def branch(receipt: Receipt) -> list[tuple[UUID, int, str]]:
    """The active branch: ids, depths and texts."""
    if found := load_temporary(receipt.conversation):
        return [(message.id, message.depth, message.text) for message in found.branch()]
    at = Conversation.objects.get(pk=receipt.conversation).active_leaf_id
    rows = []
    while at is not None:
        message = Message.objects.get(pk=at)
        rows.append((message.pk, message.depth, message.text))
        at = message.parent_id
    return rows[::-1]


def waits() -> dict[UUID, UUID | None]:
    return dict(Run.objects.values_list("pk", "waits_for_id"))


def test_it_stops_what_is_written_and_goes_below_it(owner: Someone, begun: Receipt) -> None:
    steering = post(owner, "Rather this", conversation_id=begun.conversation, steer=True)

    assert Run.objects.get(pk=begun.run_id).is_cancel_requested
    assert [each[0] for each in branch(begun)] == [begun.message, begun.answer, steering.message, steering.answer]
    assert waits()[steering.run_id] == begun.run_id


def test_the_model_it_asks_for_is_the_conversations_from_then_on(owner: Someone, begun: Receipt) -> None:
    post(owner, "Rather this", conversation_id=begun.conversation, model="echo", steer=True)

    found = load_temporary(begun.conversation) or Conversation.objects.get(pk=begun.conversation)
    assert found.settings["model"] == "echo"


def test_without_anything_to_stop_it_is_a_message_like_any_other(owner: Someone, begun: Receipt) -> None:
    answer(begun)

    steering = post(owner, conversation_id=begun.conversation, steer=True)

    assert branch(begun)[-1][0] == steering.answer
    assert waits()[steering.run_id] is None
    assert not Run.objects.filter(is_cancel_requested=True).exists()


def test_what_waits_stays_in_its_order_behind_it(owner: Someone, begun: Receipt) -> None:
    second = post(owner, "Second", conversation_id=begun.conversation)
    third = post(owner, "Third", conversation_id=begun.conversation)

    steering = post(owner, "Rather this", conversation_id=begun.conversation, steer=True)

    texts = [(depth, text) for _, depth, text in branch(begun)]
    assert texts == [
        (0, "First"),
        (1, ""),
        (2, "Rather this"),
        (3, ""),
        (4, "Second"),
        (5, ""),
        (6, "Third"),
        (7, ""),
    ]
    assert waits() == {
        begun.run_id: None,
        steering.run_id: begun.run_id,
        second.run_id: steering.run_id,
        third.run_id: second.run_id,
    }


def test_those_said_in_a_row_keep_their_order(owner: Someone, begun: Receipt) -> None:
    post(owner, "Shorter", conversation_id=begun.conversation, steer=True)
    post(owner, "And in French", conversation_id=begun.conversation, steer=True)

    assert [text for _, _, text in branch(begun) if text] == ["First", "Shorter", "And in French"]


def test_an_answer_that_has_not_begun_ends_empty_and_its_question_stays(owner: Someone, begun: Receipt) -> None:
    Run.objects.update(state="queued")

    post(owner, "Rather this", conversation_id=begun.conversation, steer=True)

    run = Run.objects.get(pk=begun.run_id)
    assert (run.state, run.is_cancel_requested) == ("queued", True)
    assert [text for _, _, text in branch(begun) if text] == ["First", "Rather this"]


def test_of_a_comparison_both_are_stopped(owner: Someone) -> None:
    receipt = post(owner, compare="echo")
    Run.objects.update(state="streaming")

    steering = post(owner, conversation_id=receipt.conversation, steer=True)

    assert Run.objects.filter(is_cancel_requested=True).count() == 2
    assert waits()[steering.run_id] == receipt.run_id


def test_the_other_of_a_comparison_is_stopped_after_the_first_is_done(owner: Someone) -> None:
    receipt = post(owner, compare="echo")
    answer(receipt)

    steering = post(owner, conversation_id=receipt.conversation, steer=True)

    assert receipt.also is not None
    assert Run.objects.get(pk=receipt.also.run_id).is_cancel_requested
    assert waits()[steering.run_id] is None


def test_another_branch_is_left_alone(owner: Someone, begun: Receipt) -> None:
    answer(begun)
    aside = post(owner, "Aside", conversation_id=begun.conversation)
    post(owner, "Here", conversation_id=begun.conversation, parent_id=begun.answer)

    post(owner, "Rather this", conversation_id=begun.conversation, steer=True)

    assert not Run.objects.get(pk=aside.run_id).is_cancel_requested


def test_edits_of_what_waits_move_along(owner: Someone) -> None:
    first = post(owner, "First")
    Run.objects.update(state="streaming")
    second = post(owner, "Second", conversation_id=first.conversation)
    aside = post(owner, "Aside", conversation_id=first.conversation, parent_id=second.answer)
    post(owner, "Third", conversation_id=first.conversation, parent_id=second.answer)

    post(owner, "Rather this", conversation_id=first.conversation, steer=True)

    moved = Message.objects.get(pk=aside.message)
    assert (moved.parent_id, moved.depth) == (second.answer, 6)


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Do all in the same moment; errors come back as answers."""
    results: list[Any] = []
    barrier = threading.Barrier(len(works))

    def one(work: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_tabs_that_steer_and_stop_at_once_all_get_their_answer(owner: Someone, begun: Receipt) -> None:
    waiting = post(owner, "Waiting", conversation_id=begun.conversation)
    steer = [
        lambda n=n: post(owner, f"Steer {n}", conversation_id=begun.conversation, steer=True)  # type: ignore[misc]
        for n in range(4)
    ]

    results = at_once([*steer, lambda: stop_answer(owner.actor, run_id=waiting.run_id)])

    assert [result for result in results if isinstance(result, Exception)] == []
    shown = branch(begun)
    assert [depth for _, depth, _ in shown] == list(range(len(shown)))
    assert sorted(text for _, _, text in shown if text.startswith("Steer")) == [f"Steer {n}" for n in range(4)]


@pytest.mark.django_db(transaction=True)
def test_a_stop_and_a_message_at_once_do_not_lock_each_other_out(owner: Someone, store: redis.Redis) -> None:
    first = post(owner)
    for _ in range(5):
        waiting = post(owner, conversation_id=first.conversation)

        results = at_once(
            [
                lambda run_id=waiting.run_id: stop_answer(owner.actor, run_id=run_id),  # type: ignore[misc]
                lambda: post(owner, conversation_id=first.conversation),
            ]
        )

        assert [result for result in results if isinstance(result, Exception)] == []
