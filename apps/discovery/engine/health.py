"""How a service is, from one look to the next: states with hysteresis, on a clock that is passed in."""

from dataclasses import replace
from datetime import datetime, timedelta

from apps.discovery.contracts import Health, HealthReport, HealthState

# Two failures could be one lost packet and its retry; the third is a fact.
FAILURES_TO_DEGRADE = 2
FAILURES_TO_FAIL = 3
# One good answer may be luck on the way down.
SUCCESSES_TO_RETURN = 2
LONGEST_WAIT_S = 300.0
# A key is changed by a person: asking every few seconds would only fill the server's log.
_LOCKED_WAIT_S = 60.0
_LONGEST_LIMIT_S = 3600.0
STALE_AFTER = timedelta(hours=24)

_AT_ONCE = frozenset(
    {HealthState.OFFLINE, HealthState.WARMING, HealthState.CONFIG_ERROR, HealthState.RATE_LIMITED, HealthState.UNKNOWN}
)
_DOWN = frozenset({HealthState.DEGRADED, HealthState.UNHEALTHY, HealthState.OFFLINE})
_FAILURES = frozenset({HealthState.BUSY, HealthState.DEGRADED, HealthState.UNHEALTHY, HealthState.OFFLINE})
_SILENT = frozenset({HealthState.OFFLINE, HealthState.UNKNOWN, HealthState.BUSY})


def advance(before: Health, report: HealthReport, now: datetime, *, interval_s: float, jitter: float = 0.0) -> Health:
    """This will make the health after a look at `now` of the health before it.

    `jitter` (-1..1) spreads the next look by up to a fifth of the interval.
    """
    has_failed = report.state in _FAILURES
    failures = before.failure_count + 1 if has_failed else 0
    successes = 0 if has_failed else before.success_count + 1
    state = _next_state(before.state, report, failures, successes)
    after = replace(
        before,
        state=state,
        since=now if state is not before.state or before.since is None else before.since,
        failure_count=failures,
        success_count=successes,
        checked_at=now,
        seen_at=before.seen_at if report.state in _SILENT or report.is_other else now,
        latency_ms=report.latency_ms,
        detail=report.detail,
    )
    return replace(after, next_check_at=now + _wait(after, report, interval_s, jitter))


def _next_state(before: HealthState, report: HealthReport, failures: int, successes: int) -> HealthState:
    if report.is_other:
        return HealthState.UNHEALTHY
    if report.state in _AT_ONCE:
        return report.state
    if report.state is HealthState.HEALTHY:
        return before if before in _DOWN and successes < SUCCESSES_TO_RETURN else HealthState.HEALTHY
    return _after_failure(before, report, failures)


def _after_failure(before: HealthState, report: HealthReport, failures: int) -> HealthState:
    if failures >= FAILURES_TO_FAIL:
        return HealthState.UNHEALTHY
    if before in _DOWN:
        return before
    if report.state is HealthState.BUSY:
        return HealthState.BUSY
    is_told = failures >= FAILURES_TO_DEGRADE or before is HealthState.UNKNOWN
    return HealthState.DEGRADED if is_told else before


def _wait(after: Health, report: HealthReport, interval_s: float, jitter: float) -> timedelta:
    wait = interval_s
    if after.failure_count > FAILURES_TO_FAIL:
        # Doubles with each failure past the third; the exponent is bounded so that the number is.
        wait = min(interval_s * 2 ** min(after.failure_count - FAILURES_TO_FAIL, 16), max(LONGEST_WAIT_S, interval_s))
    elif after.state is HealthState.CONFIG_ERROR:
        wait = max(interval_s, _LOCKED_WAIT_S)
    elif after.state is HealthState.RATE_LIMITED:
        wait = max(interval_s, min(report.retry_after_s or 0.0, _LONGEST_LIMIT_S))
    return timedelta(seconds=wait * (1 + 0.2 * max(-1.0, min(1.0, jitter))))


def is_stale(health: Health, now: datetime) -> bool:
    """This will tell whether a service has not answered for a day; it is marked then, never removed."""
    last = health.seen_at or health.since
    return health.state in _DOWN and last is not None and now - last >= STALE_AFTER
