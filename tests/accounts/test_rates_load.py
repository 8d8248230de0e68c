"""Limits follow the queue: they tighten while it is long and relax once it was short for a while."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.contracts import RateClassName, RateSubjects
from apps.accounts.models import RateClass
from apps.accounts.rates import counting
from apps.accounts.rates.stored import follow_load
from apps.accounts.rates.tightening import (
    CALM_S,
    LEAST_FACTOR,
    LONG_QUEUE,
    SHORT_QUEUE,
    STEP_S,
    Tightening,
    next_tightening,
)
from apps.accounts.services import limits

LONG, BETWEEN, SHORT = LONG_QUEUE, SHORT_QUEUE + 1, SHORT_QUEUE


@pytest.fixture
def no_load() -> Iterator[None]:
    keys = (counting.POLICY_KEY, "rates:load")
    counting.valkey_for_rates().delete(*keys)
    yield
    counting.valkey_for_rates().delete(*keys)


def course(*queue: int, every_s: float = STEP_S) -> list[float]:
    state, now, factors = Tightening(), 1000.0, []
    for waiting in queue:
        state = next_tightening(state, waiting=waiting, now=now)
        factors.append(round(state.factor, 4))
        now += every_s
    return factors


def test_a_long_queue_halves_the_limits_step_by_step_down_to_a_tenth() -> None:
    assert course(*[LONG] * 5) == [0.5, 0.25, 0.125, 0.1, 0.1]


def test_looking_more_often_does_not_tighten_faster() -> None:
    assert course(*[LONG] * 10, every_s=1) == [0.5] * 10


def test_limits_are_given_back_only_after_a_while_of_calm_and_step_by_step() -> None:
    factors = course(LONG, LONG, *[SHORT] * 8)

    assert factors == [0.5, 0.25, 0.25, 0.25, 0.25, 0.375, 0.5625, 0.8438, 1.0, 1.0]


def test_a_queue_neither_long_nor_short_changes_nothing() -> None:
    assert course(LONG, *[BETWEEN] * 6) == [0.5] * 7


def test_a_queue_that_grows_again_begins_the_calm_anew() -> None:
    factors = course(LONG, SHORT, SHORT, BETWEEN, SHORT, SHORT, SHORT, SHORT)

    assert factors == [0.5] * 7 + [0.75]


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 1000)), max_size=60))
def test_the_factor_stays_within_its_bounds_and_never_moves_faster_than_a_step(steps: list[tuple[int, float]]) -> None:
    state, now, changed = Tightening(), 10_000.0, -STEP_S
    for waiting, passed in steps:
        now += passed
        after = next_tightening(state, waiting=waiting, now=now)

        assert LEAST_FACTOR <= after.factor <= 1
        if after.factor != state.factor:
            assert now - changed >= STEP_S
            assert waiting >= LONG or (waiting <= SHORT and now - (after.calm_since or now) >= CALM_S)
            changed = now
        state = after


def test_what_was_measured_holds_in_all_processes(no_load: None) -> None:
    now = float(counting.valkey_for_rates().time()[0])

    factors = [follow_load(waiting=LONG, now=now), follow_load(waiting=LONG, now=now + STEP_S)]

    assert factors == [0.5, 0.25]
    assert counting.count(RateSubjects(RateClassName.MEMBER, ("user:load",))).limit == 1250
    assert counting.factor_now(now=now) == 0.25


def test_each_look_at_the_load_makes_the_stored_limits_known_again(db: None, no_load: None) -> None:
    RateClass.objects.create(name="member", requests=99, window_s=60)

    factor = limits.follow_load(now=float(counting.valkey_for_rates().time()[0]))

    assert factor == 1.0
    assert counting.count(RateSubjects(RateClassName.MEMBER, ("user:known",))).limit == 99
