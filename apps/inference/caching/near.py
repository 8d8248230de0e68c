"""Answers in the process itself, in front of Valkey."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from apps.inference.caching.answers import Answer

# What one process holds in front of Valkey, and for how long.
MOST_BYTES = 16 * 1024 * 1024
KEPT_S = 30.0
# What an answer takes in the process besides its text: measured over 40,000 of them.
_OVERHEAD_BYTES = 800


class NearAnswers:
    """The answers this process gave last, by member; the longest unused go first."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._held: OrderedDict[str, tuple[float, int, Answer]] = OrderedDict()
        self._size_bytes = 0

    def get(self, member: str) -> Answer | None:
        """This will read one that is not too old."""
        held = self._held.get(member)
        if held is None:
            return None
        if held[0] < self._now():
            self._drop(member)
            return None
        self._held.move_to_end(member)
        return held[2]

    def put(self, member: str, answer: Answer, size_bytes: int, keep_s: float) -> None:
        """This will hold one."""
        self._drop(member)
        now, size_bytes = self._now(), size_bytes + _OVERHEAD_BYTES
        self._held[member] = (now + min(keep_s, KEPT_S), size_bytes, answer)
        self._size_bytes += size_bytes
        while self._held and (self._size_bytes > MOST_BYTES or next(iter(self._held.values()))[0] < now):
            self._drop(next(iter(self._held)))

    def _drop(self, member: str) -> None:
        held = self._held.pop(member, None)
        if held is not None:
            self._size_bytes -= held[1]
