"""How limits follow the load: a pure rule over the length of the queue, with its clock passed in."""

from dataclasses import dataclass

# So many runs that no worker has taken are a queue people feel; a burst of a team's clicks is less.
LONG_QUEUE = 32
# Below this the queue is as good as empty. Between the two nothing changes, so that limits do not swing.
SHORT_QUEUE = 8
LEAST_FACTOR = 0.1
_TIGHTEN = 0.5
_RELAX = 1.5
# A measure needs this long to show in the queue before the next is taken.
STEP_S = 10.0
# Only a queue that stayed short this long is over.
CALM_S = 30.0


@dataclass(frozen=True, slots=True)
class Tightening:
    """By how much limits are multiplied now, since when, and since when the queue is short."""

    factor: float = 1.0
    changed_at: float = 0.0
    calm_since: float | None = None


def next_tightening(before: Tightening, *, waiting: int, now: float) -> Tightening:
    """This will halve the limits each 10 s while the queue is long, and give them back when it was short for 30 s.

    `now` is in seconds of any clock that only goes forward.
    """
    calm_since = (before.calm_since if before.calm_since is not None else now) if waiting <= SHORT_QUEUE else None
    is_due = now - before.changed_at >= STEP_S
    factor = before.factor
    if waiting >= LONG_QUEUE and is_due:
        factor = max(LEAST_FACTOR, factor * _TIGHTEN)
    elif calm_since is not None and now - calm_since >= CALM_S and is_due:
        factor = min(1.0, factor * _RELAX)
    return Tightening(factor, now if factor != before.factor else before.changed_at, calm_since)
