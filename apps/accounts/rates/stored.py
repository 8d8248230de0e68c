"""The classes as an owner set them: read from the database, made known to all processes through Valkey."""

from dataclasses import dataclass

from redis import RedisError

from apps.accounts.contracts import RateClassName
from apps.accounts.models import RateClass, RateClassChoices
from apps.accounts.rates import counting
from apps.accounts.rates.classes import DEFAULTS, Limit
from apps.accounts.rates.tightening import Tightening, next_tightening

_LOAD_KEY = "rates:load"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One class as pages and programs see it; `requests` None is no limit."""

    name: str
    label: str
    requests: int | None
    window_s: int
    is_default: bool


def rate_limits() -> list[RateLimit]:
    """This will list the classes, from the strictest, in one query."""
    rows = {row.name: row for row in RateClass.objects.all()}
    return [_shown(name, rows.get(name.value)) for name in RateClassName]


def publish() -> None:
    """This will make the stored limits hold in all processes; without Valkey the next look at the load does."""
    limits = {RateClassName(each.name): Limit(each.requests, each.window_s) for each in rate_limits()}
    try:
        counting.publish_limits(limits)
    except (RedisError, OSError):
        counting.logger.info("Valkey does not answer; changed limits are made known when it does")


def follow_load(*, waiting: int, now: float) -> float:
    """This will tighten or relax the limits after the length of the queue; it gives the factor.

    `now` is in seconds since 1970. Without Valkey nothing is tightened: nobody would hear of it.
    """
    client = counting.valkey_for_rates()
    kept = client.hmget(_LOAD_KEY, "factor", "changed_at", "calm_since")
    factor, changed_at, calm_since = (float(each) if each else None for each in kept)
    before = Tightening(factor if factor is not None else 1.0, changed_at or 0.0, calm_since)
    after = next_tightening(before, waiting=waiting, now=now)
    fields = {"factor": after.factor, "changed_at": after.changed_at, "calm_since": after.calm_since or ""}
    client.hset(_LOAD_KEY, mapping={name: str(value) for name, value in fields.items()})
    counting.publish_factor(after.factor, now=now)
    return after.factor


def _shown(name: RateClassName, row: RateClass | None) -> RateLimit:
    limit = Limit(row.requests, row.window_s) if row else DEFAULTS[name]
    return RateLimit(name.value, str(RateClassChoices(name.value).label), limit.requests, limit.window_s, row is None)
