"""A circuit breaker: who fails is left alone for a while, then tried with one request at a time.

All times are seconds of one clock, passed in. Source: Envoy, "Outlier detection" (consecutive errors,
an ejection that grows with each repetition), v1.31; the figures are those of docs/providers.md.
"""

from dataclasses import dataclass, field
from enum import StrEnum

# Five in a row are no coincidence at any load.
_FAILURES_IN_ROW = 5
# A server that fails half of its calls never fails five in a row for long: the share over a minute counts too.
_SHARE = 0.5
_SHARE_OF_AT_LEAST = 10
_WINDOW_S = 60.0
_SLICES = 6
# How long it is left alone: longer each time, so that a broken server costs less and less.
OPEN_S = 30.0
LONGEST_OPEN_S = 300.0
# Two in a row close it: one may be luck.
_SUCCESSES_TO_CLOSE = 2
# A probe whose caller died never reports; another may then be sent. Loading a model takes this long at most.
_PROBE_S = 120.0
# A circuit closed this long begins anew with the shortest time.
_FORGIVEN_AFTER_S = 300.0


class Phase(StrEnum):
    """What a circuit lets pass: all, nothing, or one request at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class Breaker:
    """One circuit. `changed_at` is the time of the last change others must learn of."""

    is_open: bool = False
    opened_at: float = 0.0
    open_until: float = 0.0
    openings: int = 0
    probing_since: float = 0.0
    changed_at: float = 0.0
    failures_in_row: int = 0
    failed_at: float = 0.0
    _successes_in_row: int = 0
    _slices: list[list[int]] = field(default_factory=list)

    def phase(self, now: float) -> Phase:
        """This will tell what passes now."""
        if not self.is_open:
            return Phase.CLOSED
        return Phase.OPEN if now < self.open_until else Phase.HALF_OPEN

    def lets_pass(self, now: float) -> bool:
        """This will tell whether a request may be sent: any while closed, one at a time while half open."""
        if not self.is_open:
            return True
        return now >= self.open_until and not self._is_probed(now)

    def begin(self, now: float) -> bool:
        """This will note that a request is sent; True if it is the one that tries a half-open circuit."""
        if not self.is_open or now < self.open_until or self._is_probed(now):
            return False
        self.probing_since = self.changed_at = now
        return True

    def succeed(self, now: float) -> bool:
        """This will note an answer; True if it closed the circuit."""
        self.failures_in_row = 0
        self._count(now, failed=0)
        if not self.is_open or now < self.open_until:
            return False
        self._end_probe(now)
        self._successes_in_row += 1
        if self._successes_in_row < _SUCCESSES_TO_CLOSE:
            return False
        self._close(now)
        return True

    def fail(self, now: float) -> bool:
        """This will note a failure; True if it opened the circuit (again)."""
        self.failures_in_row += 1
        self.failed_at = now
        self._count(now, failed=1)
        if self.is_open:
            if now < self.open_until:
                return False  # sent before it opened, or for want of another
            self.trip(now)
            return True
        if self.failures_in_row < _FAILURES_IN_ROW and not self._fails_too_often():
            return False
        self.trip(now)
        return True

    def abandon(self, now: float) -> None:
        """This will note that a request ended without telling anything, so that another may be the probe."""
        if self.probing_since:
            self._end_probe(now)

    def trip(self, now: float) -> None:
        """This will open the circuit."""
        if not self.is_open and now - self.changed_at > _FORGIVEN_AFTER_S:
            self.openings = 0
        if not self.is_open:
            self.opened_at = now
        self.is_open = True
        self.openings += 1
        self.open_until = now + min(OPEN_S * self.openings, LONGEST_OPEN_S)
        self.probing_since = 0.0
        self.changed_at = now
        self._successes_in_row = 0
        self._slices.clear()

    def take_over(
        self,
        changed_at: float,
        opened_at: float,
        open_until: float,
        probing_since: float,
        openings: int,
        is_open: bool,  # noqa: FBT001 - the last field of a record
    ) -> None:
        """This will become what another process says the circuit is."""
        self.changed_at, self.opened_at, self.openings = float(changed_at), float(opened_at), int(openings)
        # A wrong clock elsewhere must not keep it open for longer than the rule does.
        self.open_until = min(float(open_until), float(changed_at) + LONGEST_OPEN_S)
        self.probing_since = float(probing_since)
        if self.is_open != bool(is_open):
            self.is_open = bool(is_open)
            self.failures_in_row = self._successes_in_row = 0
            self._slices.clear()

    def reset(self, now: float) -> None:
        """This will close the circuit as if it had never opened."""
        self._close(now)
        self.openings = self.failures_in_row = 0
        self.failed_at = self.probing_since = 0.0

    def _close(self, now: float) -> None:
        self.is_open = False
        self.changed_at = now
        self._successes_in_row = 0
        self._slices.clear()

    def _is_probed(self, now: float) -> bool:
        return bool(self.probing_since) and now - self.probing_since < _PROBE_S

    def _end_probe(self, now: float) -> None:
        self.probing_since = 0.0
        self.changed_at = now

    def _count(self, now: float, *, failed: int) -> None:
        """Count in slices of ten seconds, so that a minute is six small lists at any load."""
        number = int(now // (_WINDOW_S / _SLICES))
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append([number, 0, 0])
            while self._slices[0][0] <= number - _SLICES:
                del self._slices[0]
        self._slices[-1][1] += 1
        self._slices[-1][2] += failed

    def _fails_too_often(self) -> bool:
        total = sum(each[1] for each in self._slices)
        return total >= _SHARE_OF_AT_LEAST and sum(each[2] for each in self._slices) >= _SHARE * total
