"""This process's own counts, for as long as Valkey does not answer."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import time

from apps.accounts.contracts import RateClassName, RateState, RateSubjects
from apps.accounts.rates.classes import DEFAULTS, Limit
from apps.accounts.rates.window import Window, decide, width_of

# Whom a process remembers at most; the one it has not heard of the longest is forgotten first.
_MOST_SUBJECTS = 20_000


class Meanwhile:
    """Counts in memory, by the limits that were last heard of; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._limits = dict(DEFAULTS)
        self._windows: OrderedDict[str, Window] = OrderedDict()
        self._lock = Lock()

    def heard(self, rate_class: RateClassName, limit: Limit) -> None:
        """This will remember the limit of a class as Valkey said it."""
        self._limits[rate_class] = limit

    def count(self, asked: RateSubjects) -> RateState:
        """This will count one request, or refuse it."""
        limit = self._limits[asked.rate_class]
        if limit.requests is None or not asked.names:
            return RateState(asked.rate_class)
        with self._lock:
            windows = [self._window(name, width_of(limit.window_s)) for name in asked.names]
            found = decide(windows, limit=limit.requests, now_ms=int(self._clock() * 1000))
        reset_s = -(-found.reset_ms // 1000)
        return RateState(asked.rate_class, found.is_allowed, limit.requests, limit.window_s, found.remaining, reset_s)

    def _window(self, name: str, width_ms: int) -> Window:
        window = self._windows.get(name)
        if window is None or window.width_ms != width_ms:
            window = self._windows[name] = Window(width_ms)
        self._windows.move_to_end(name)
        while len(self._windows) > _MOST_SUBJECTS:
            self._windows.popitem(last=False)
        return window
