"""Counting requests: exactly, on all subjects or none, in Valkey as in the rule on paper, and without Valkey."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.accounts import facade
from apps.accounts.contracts import RateClassName, RateState, RateSubjects
from apps.accounts.rates import counting
from apps.accounts.rates.classes import DEFAULTS, Limit
from apps.accounts.rates.meanwhile import Meanwhile
from apps.accounts.rates.window import Window, decide, width_of

MEMBER = RateClassName.MEMBER
_HOUR_MS = 3_600_000


@pytest.fixture
def few() -> Iterator[None]:
    """Members may ask ten times an hour."""
    counting.publish_limits({MEMBER: Limit(10)})
    yield
    counting.valkey_for_rates().delete(counting.POLICY_KEY)


def somebody(*more: str) -> RateSubjects:
    return RateSubjects(MEMBER, (f"user:{uuid4()}", *more))


def test_so_many_are_let_through_and_the_next_is_told_when_to_come_back(few: None) -> None:
    who = somebody()

    states = [counting.count(who) for _ in range(11)]

    assert [state.is_allowed for state in states] == [True] * 10 + [False]
    assert [state.remaining for state in states] == [*range(9, -1, -1), 0]
    assert 3600 - 60 <= (states[-1].retry_after_s or 0) <= 3660
    assert states[0].headers["RateLimit-Policy"] == '"member";q=10;w=3600'
    assert states[0].headers["RateLimit"].startswith('"member";r=9;t=')
    assert states[0].headers["X-RateLimit-Remaining"] == "9"
    assert "Retry-After" not in states[0].headers
    assert states[-1].headers["Retry-After"] == str(states[-1].retry_after_s)


def test_a_request_refused_for_one_subject_is_counted_on_none(few: None) -> None:
    person, first, second = f"user:{uuid4()}", f"key:{uuid4()}", f"key:{uuid4()}"
    for _ in range(6):
        counting.count(RateSubjects(MEMBER, (person, first)))
    for _ in range(8):
        counting.count(RateSubjects(MEMBER, (person, second)))

    alone = counting.count(RateSubjects(MEMBER, (second,)))

    # Of the eight, four were let through by the person's limit; the refused four cost the key nothing.
    assert alone.remaining == 10 - 4 - 1


def test_at_once_exactly_as_many_pass_as_may(few: None) -> None:
    who = somebody()

    with ThreadPoolExecutor(16) as threads:
        states = list(threads.map(lambda _: counting.count(who), range(200)))

    assert sum(state.is_allowed for state in states) == 10


async def test_on_a_loop_exactly_as_many_pass_and_each_hears_its_own(few: None) -> None:
    one, other = somebody(), somebody()

    states = await asyncio.gather(*(facade.allow(who) for _ in range(150) for who in (one, other)))

    assert sum(state.is_allowed for state in states[::2]) == 10
    assert sorted(state.remaining for state in states[1::2] if state.is_allowed) == list(range(10))


def test_a_class_without_a_limit_is_never_refused_and_says_nothing_of_limits() -> None:
    state = counting.count(RateSubjects(RateClassName.PREMIUM, ("user:rich",)))

    assert (state.is_allowed, state.limit, state.headers) == (True, None, {})


def test_a_limit_of_nothing_lets_nobody_in() -> None:
    counting.publish_limits({MEMBER: Limit(0)})
    try:
        state = counting.count(somebody())
    finally:
        counting.valkey_for_rates().delete(counting.POLICY_KEY)

    assert not state.is_allowed
    assert state.retry_after_s


def test_a_changed_window_begins_anew(few: None) -> None:
    who = somebody()
    for _ in range(11):
        counting.count(who)

    counting.publish_limits({MEMBER: Limit(10, window_s=60)})

    state = counting.count(who)
    assert (state.is_allowed, state.window_s, state.remaining) == (True, 60, 9)


def test_classes_nobody_published_have_their_defaults() -> None:
    counting.valkey_for_rates().delete(counting.POLICY_KEY)

    assert counting.count(RateSubjects(RateClassName.ANONYMOUS, (f"address:{uuid4()}",))).limit == 1_000
    assert counting.count(somebody()).limit == 5_000


def test_what_is_written_into_valkey_by_others_does_not_break_the_count() -> None:
    counting.valkey_for_rates().hset(
        counting.POLICY_KEY, mapping={"member": "nonsense", "factor": "x", "until": "99999999999999"}
    )
    try:
        state = counting.count(somebody())
    finally:
        counting.valkey_for_rates().delete(counting.POLICY_KEY)

    assert (state.is_allowed, state.limit) == (True, 5_000)


def test_limits_are_tightened_for_a_minute_and_not_for_the_premium(few: None) -> None:
    now = counting.valkey_for_rates().time()[0]
    counting.publish_limits({MEMBER: Limit(10), RateClassName.PREMIUM: Limit(10)})
    counting.publish_factor(0.25, now=now)
    tight, premium = (
        counting.count(somebody()),
        counting.count(RateSubjects(RateClassName.PREMIUM, (f"user:{uuid4()}",))),
    )
    counting.publish_factor(0.25, now=now - 61)
    later = counting.count(somebody())

    assert (tight.limit, premium.limit, later.limit) == (2, 10, 10)


Steps = list[tuple[int, list[str]]]
_STEPS = st.lists(
    st.tuples(st.integers(0, _HOUR_MS // 3), st.sampled_from([["a"], ["b"], ["a", "b"], ["b", "c"]])), max_size=40
)


@hypothesis_settings(max_examples=60, deadline=None)
@given(steps=_STEPS, limit=st.integers(1, 6), window_s=st.sampled_from([1, 60, 3600]))
def test_valkey_decides_like_the_rule_on_paper(steps: Steps, limit: int, window_s: int) -> None:
    client, run = counting.valkey_for_rates(), uuid4().hex
    script = client.register_script(counting._SCRIPT.text)
    windows = {name: Window(width_of(window_s)) for name in "abc"}
    now_ms = 1_800_000_000_000

    for passed_ms, names in steps:
        now_ms += passed_ms * window_s // 3600
        keys = [f"rates:none:{run}", *(f"rates:{run}:{name}" for name in names)]
        (answer,) = script(keys, [now_ms, "member", limit, window_s, len(names)])
        expected = decide([windows[name] for name in names], limit=limit, now_ms=now_ms)

        assert (bool(answer[0]), answer[3], answer[4]) == (
            expected.is_allowed,
            expected.remaining,
            expected.reset_ms,
        )


@given(st.lists(st.integers(0, 5_000), max_size=200), st.integers(1, 5))
def test_in_no_stretch_of_the_window_are_more_let_through(gaps: list[int], limit: int) -> None:
    window, now_ms, passed = Window(width_of(60)), 1_800_000_000_000, []

    for gap in gaps:
        now_ms += gap
        if decide([window], limit=limit, now_ms=now_ms).is_allowed:
            passed.append(now_ms)

    assert all(sum(start <= at < start + 60_000 for at in passed) <= limit for start in passed)


def test_one_who_waits_as_told_is_let_through() -> None:
    window, now_ms = Window(width_of(3600)), 1_800_000_000_000
    for _ in range(5):
        decide([window], limit=5, now_ms=now_ms)
    refused = decide([window], limit=5, now_ms=now_ms + 1000)

    again = decide([window], limit=5, now_ms=now_ms + 1000 + refused.reset_ms)

    assert not refused.is_allowed
    assert again.is_allowed


def test_without_valkey_a_process_counts_by_itself_with_the_limits_it_heard_of() -> None:
    now = [1_800_000_000.0]
    alone, who = Meanwhile(lambda: now[0]), somebody()
    assert alone.count(who).limit == DEFAULTS[MEMBER].requests
    alone.heard(MEMBER, Limit(2, window_s=60))

    states = [alone.count(who) for _ in range(3)]
    now[0] += 62

    assert [state.is_allowed for state in states] == [True, True, False]
    assert alone.count(who).is_allowed


def test_headers_of_a_state_that_has_no_limit_are_none() -> None:
    assert RateState(RateClassName.PREMIUM).headers == {}
