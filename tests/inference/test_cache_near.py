"""Answers held in the process: how long, and in how much memory."""

from apps.inference.caching.answers import Answer, Part, packed
from apps.inference.caching.near import KEPT_S, MOST_BYTES, NearAnswers
from apps.inference.contracts import FinishReason


class Clock:
    """A time that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


ANSWER = Answer("m", None, "One", (Part(is_thinking=False, text="Hello", token_count=1),), FinishReason.STOP)
SIZE_BYTES = len(packed(ANSWER))


def test_an_answer_is_held_for_a_while_and_never_longer_than_its_rule() -> None:
    clock = Clock()
    near = NearAnswers(clock)
    near.put("long", ANSWER, SIZE_BYTES, keep_s=3600)
    near.put("short", ANSWER, SIZE_BYTES, keep_s=1)

    clock.now = 2

    assert (near.get("long"), near.get("short")) == (ANSWER, None)
    clock.now = KEPT_S + 1
    assert near.get("long") is None


def test_small_answers_count_with_all_the_memory_they_take() -> None:
    near = NearAnswers(Clock())

    for number in range(60_000):
        near.put(str(number), ANSWER, SIZE_BYTES, keep_s=3600)

    held = sum(near.get(str(number)) is not None for number in range(60_000))
    assert held < MOST_BYTES / 800
    assert near.get("59999") == ANSWER


def test_what_nobody_asks_for_again_is_let_go_when_others_come() -> None:
    clock = Clock()
    near = NearAnswers(clock)
    for number in range(1000):
        near.put(str(number), ANSWER, SIZE_BYTES, keep_s=3600)

    clock.now = KEPT_S + 1
    near.put("new", ANSWER, SIZE_BYTES, keep_s=3600)

    clock.now = 0
    assert [near.get(str(number)) for number in range(1000)] == [None] * 1000
    assert near.get("new") == ANSWER
