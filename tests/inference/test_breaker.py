"""When a circuit opens, for how long, and what closes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inference.engine.breaker import LONGEST_OPEN_S, OPEN_S, Breaker, Phase


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.fail(at)
    return breaker


def test_five_failures_in_a_row_open_it_and_four_do_not() -> None:
    breaker = Breaker()

    verdicts = [breaker.fail(100.0 + second) for second in range(5)]

    assert verdicts == [False, False, False, False, True]
    assert breaker.phase(104.0) is Phase.OPEN
    assert not breaker.lets_pass(133.9)


def test_an_answer_between_failures_begins_the_row_anew() -> None:
    breaker = Breaker()

    for _ in range(4):
        breaker.fail(100.0)
    breaker.succeed(100.0)

    assert [breaker.fail(100.0) for _ in range(4)] == [False] * 4


def test_half_of_ten_calls_within_a_minute_open_it() -> None:
    breaker = Breaker()

    for second in range(5):
        breaker.succeed(100.0 + second)
        breaker.fail(100.0 + second)

    assert breaker.is_open


def test_failures_longer_ago_than_a_minute_do_not_count() -> None:
    breaker = Breaker()

    for number in range(20):
        breaker.succeed(100.0 + number * 31)
        breaker.fail(100.0 + number * 31)

    assert not breaker.is_open


def test_after_its_time_one_request_tries_it_and_others_wait() -> None:
    breaker = opened(100.0)

    is_first_probe, is_second_probe = breaker.begin(131.0), breaker.begin(131.5)

    assert (is_first_probe, is_second_probe) == (True, False)
    assert breaker.phase(131.0) is Phase.HALF_OPEN
    assert not breaker.lets_pass(132.0)


def test_two_answers_close_it() -> None:
    breaker = opened(100.0)

    closed = []
    for second in (131.0, 132.0):
        breaker.begin(second)
        closed.append(breaker.succeed(second))

    assert closed == [False, True]
    assert breaker.phase(132.0) is Phase.CLOSED


def test_a_probe_that_fails_opens_it_for_longer_up_to_five_minutes() -> None:
    breaker = opened(100.0)
    spans = [breaker.open_until - 100.0]

    for _ in range(12):
        now = breaker.open_until + 1
        breaker.begin(now)
        breaker.fail(now)
        spans.append(breaker.open_until - now)

    assert spans[:3] == [OPEN_S, 2 * OPEN_S, 3 * OPEN_S]
    assert spans[-1] == LONGEST_OPEN_S


def test_a_probe_given_up_lets_another_be_sent() -> None:
    breaker = opened(100.0)
    breaker.begin(131.0)

    breaker.abandon(132.0)

    assert breaker.begin(132.0)


def test_a_probe_whose_caller_died_does_not_block_for_ever() -> None:
    breaker = opened(100.0)
    breaker.begin(131.0)

    assert not breaker.lets_pass(200.0)
    assert breaker.lets_pass(252.0)


def test_a_failure_of_a_call_sent_before_it_opened_changes_nothing() -> None:
    breaker = opened(100.0)

    breaker.fail(110.0)

    assert breaker.open_until == pytest.approx(100.0 + OPEN_S)


def test_a_circuit_long_closed_begins_with_the_shortest_time_again() -> None:
    breaker = opened(100.0)
    breaker.succeed(131.0)
    breaker.succeed(131.0)

    for _ in range(5):
        breaker.fail(1000.0)

    assert breaker.open_until == pytest.approx(1000.0 + OPEN_S)


@given(
    st.lists(st.tuples(st.sampled_from(["begin", "succeed", "fail", "abandon"]), st.floats(0.0, 100.0)), max_size=200)
)
def test_whatever_happens_it_is_tried_again_within_five_minutes(steps: list[tuple[str, float]]) -> None:
    breaker, now = Breaker(), 1000.0

    for verb, pause in steps:
        now += pause
        getattr(breaker, verb)(now)

    assert breaker.lets_pass(now + LONGEST_OPEN_S + 0.1)
    assert breaker.open_until - now <= LONGEST_OPEN_S
    assert len(breaker._slices) <= 6
