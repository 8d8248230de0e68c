"""The sliding window by which requests are counted: plain data, no clock of its own.

A window is cut into 60 buckets. A request is forgotten when its whole bucket lies outside of the
window, so in no stretch of `window_s` seconds are more let through than the limit; a bucket's
width is how much later than exactly one is let through again.
`count.lua` is the same rule inside Valkey.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

BUCKETS = 60


@dataclass(slots=True)
class Window:
    """What was counted for one subject, by the number of the bucket."""

    width_ms: int
    counts: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many requests count now."""
        return sum(self.counts.values())

    def forget(self, now_ms: int) -> None:
        """This will drop what lies before the window that ends now."""
        first = now_ms // self.width_ms - BUCKETS
        for bucket in [bucket for bucket in self.counts if bucket < first]:
            del self.counts[bucket]

    def add(self, now_ms: int) -> None:
        """This will count one request."""
        bucket = now_ms // self.width_ms
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def wait_ms(self, now_ms: int, room: int) -> int:
        """This will tell how long until at least `room` of the counted requests are forgotten; 0 for no wait."""
        for bucket in sorted(self.counts):
            if room <= 0:
                return 0
            room -= self.counts[bucket]
            if room <= 0:
                return (bucket + BUCKETS + 1) * self.width_ms - now_ms
        return 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request was counted, and what is left of the tightest of its windows."""

    is_allowed: bool
    remaining: int
    reset_ms: int


def width_of(window_s: int) -> int:
    """This will give the width of a bucket, in milliseconds."""
    return max(1, window_s * 1000 // BUCKETS)


def decide(windows: Sequence[Window], *, limit: int, now_ms: int) -> Decision:
    """This will count a request in all of the windows, or in none if one of them is full."""
    for window in windows:
        window.forget(now_ms)
    fullest = max(windows, key=lambda window: window.total)
    if fullest.total >= limit:
        wait_ms = max(window.wait_ms(now_ms, window.total - limit + 1) for window in windows)
        return Decision(is_allowed=False, remaining=0, reset_ms=wait_ms or fullest.width_ms * BUCKETS)
    for window in windows:
        window.add(now_ms)
    return Decision(is_allowed=True, remaining=limit - fullest.total, reset_ms=fullest.wait_ms(now_ms, 1))
