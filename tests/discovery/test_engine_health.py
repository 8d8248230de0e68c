"""Health from one look to the next, on a clock of the test's own."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from apps.discovery.contracts import Health, HealthReport, HealthState
from apps.discovery.engine.health import advance, is_stale

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
S = HealthState


def after(*states: HealthState, before: Health | None = None) -> Health:
    """The health after looks ten seconds apart."""
    health = before or Health()
    for index, state in enumerate(states):
        health = advance(health, HealthReport(state=state), NOW + timedelta(seconds=10 * index), interval_s=10)
    return health


def course(states: Iterable[HealthState]) -> list[HealthState]:
    """The states shown, look by look."""
    health, shown = Health(), []
    for state in states:
        health = advance(health, HealthReport(state=state), NOW, interval_s=10)
        shown.append(health.state)
    return shown


def test_the_first_good_answer_makes_it_healthy() -> None:
    assert after(S.HEALTHY).state is S.HEALTHY


def test_one_failure_changes_nothing_two_degrade_and_three_fail() -> None:
    assert course([S.HEALTHY, S.UNHEALTHY, S.UNHEALTHY, S.UNHEALTHY]) == [S.HEALTHY, S.HEALTHY, S.DEGRADED, S.UNHEALTHY]


def test_a_refused_connection_is_offline_at_once_and_two_successes_bring_it_back() -> None:
    assert course([S.HEALTHY, S.OFFLINE, S.HEALTHY, S.HEALTHY]) == [S.HEALTHY, S.OFFLINE, S.OFFLINE, S.HEALTHY]


def test_a_flapping_server_does_not_flap_on_the_page() -> None:
    shown = course([S.HEALTHY, S.OFFLINE, *[S.HEALTHY, S.OFFLINE] * 5])

    assert set(shown[1:]) == {S.OFFLINE}


def test_a_busy_server_is_busy_until_it_has_been_silent_three_times() -> None:
    assert course([S.HEALTHY, S.BUSY, S.BUSY, S.BUSY]) == [S.HEALTHY, S.BUSY, S.BUSY, S.UNHEALTHY]
    assert course([S.HEALTHY, S.BUSY, S.HEALTHY]) == [S.HEALTHY, S.BUSY, S.HEALTHY]


@pytest.mark.parametrize("state", [S.CONFIG_ERROR, S.RATE_LIMITED, S.WARMING])
def test_a_missing_key_a_limit_and_a_loading_model_show_at_once_and_leave_at_once(state: HealthState) -> None:
    assert course([S.HEALTHY, state, state, state, S.HEALTHY]) == [S.HEALTHY, state, state, state, S.HEALTHY]


def test_another_product_at_the_address_fails_it_at_once() -> None:
    health = advance(after(S.HEALTHY), HealthReport(state=S.UNHEALTHY, is_other=True), NOW, interval_s=10)

    assert health.state is S.UNHEALTHY


def test_since_tells_when_the_state_began() -> None:
    health = after(S.HEALTHY, S.HEALTHY, S.OFFLINE, S.OFFLINE)

    assert (health.since, health.checked_at) == (NOW + timedelta(seconds=20), NOW + timedelta(seconds=30))
    assert health.seen_at == NOW + timedelta(seconds=10)


def test_a_dead_server_is_asked_less_and_less_often_up_to_five_minutes() -> None:
    health, waits = Health(), []
    for _ in range(20):
        health = advance(health, HealthReport(state=S.OFFLINE), NOW, interval_s=10)
        assert health.next_check_at is not None
        waits.append((health.next_check_at - NOW).total_seconds())

    assert waits[:6] == [10, 10, 10, 20, 40, 80]
    assert waits[-1] == 300


def test_a_limit_is_waited_out_and_jitter_spreads_looks_by_a_fifth() -> None:
    limited = advance(Health(), HealthReport(state=S.RATE_LIMITED, retry_after_s=120), NOW, interval_s=10)
    late = advance(Health(), HealthReport(state=S.HEALTHY), NOW, interval_s=10, jitter=1)

    assert limited.next_check_at == NOW + timedelta(seconds=120)
    assert late.next_check_at == NOW + timedelta(seconds=12)


def test_a_day_without_an_answer_makes_it_stale() -> None:
    health = after(S.HEALTHY, S.OFFLINE)

    assert not is_stale(health, NOW + timedelta(hours=23))
    assert is_stale(health, NOW + timedelta(hours=24))
    assert not is_stale(after(S.HEALTHY), NOW + timedelta(days=9))
