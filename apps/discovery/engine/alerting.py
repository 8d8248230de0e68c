"""When people are told that a service is in trouble and that it is over: once each, and not of a moment's silence."""

from dataclasses import replace
from datetime import datetime, timedelta

from apps.discovery.contracts import TROUBLED, Health, HealthState

# Two looks, also of what is far and looked at every half minute: what flaps faster is told of by its state alone.
STEADY_FOR = timedelta(seconds=50)
_PASSING = frozenset({HealthState.UNKNOWN, HealthState.WARMING, HealthState.DEGRADED})


def with_news(health: Health, now: datetime) -> Health | None:
    """This will return the health once people are told of its trouble, or of its end; None where nothing is to be told.

    States on the way from one to the other belong to the trouble they follow.
    """
    if health.since is None or now - health.since < STEADY_FOR:
        return None
    if health.state in TROUBLED:
        return replace(health, told_since=health.since) if health.told_since is None else None
    is_over = health.told_since is not None and health.state not in _PASSING
    return replace(health, told_since=None) if is_over else None
