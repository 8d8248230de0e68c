"""What is read often and changes seldom, kept in the process for at most a second."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from olympus.kernel.db import in_thread

# Who asked has by then gone on to what takes longer, such as a model.
_A_MOMENT_S = 0.01

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    value: V
    read_at: float


@dataclass(frozen=True, slots=True)
class _Read(Generic[V]):
    task: "asyncio.Task[V]"
    asked_at: float


class Fresh(Generic[K, V]):
    """Values by key, each at most `max_age_s` old.

    One that is past half of that is used and read again behind the caller's back, so that who asks
    all the time never waits. Reads run in a thread, one a key at a time. Those behind somebody's back
    run one at a time in all, and a moment later: they compete for the interpreter with who asked.
    """

    def __init__(self, read: Callable[[K], V], *, max_age_s: float = 1.0, most: int = 10_000) -> None:
        self._read = read
        self._max_age_s = max_age_s
        self._most = most
        self._kept: dict[K, _Kept[V]] = {}
        self._reading: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[K, _Read[V]]] = WeakKeyDictionary()
        self._forgotten_at = 0.0

    async def get(self, key: K) -> V:
        """This will give the value, waiting for the store only when the one at hand is too old.

        Raises: whatever the read does.
        """
        kept = self._kept.get(key)
        age = monotonic() - kept.read_at if kept else None
        if kept is not None and age is not None and age < self._max_age_s:
            if age > self._max_age_s / 2 and not _is_one_behind():
                _behind[asyncio.get_running_loop()] = self._read_again(key, delay_s=_A_MOMENT_S)
            return kept.value
        return await asyncio.shield(self._read_again(key))

    def get_here(self, key: K) -> V:
        """This will give the value to a thread, which waits for the store itself.

        Raises: whatever the read does.
        """
        kept = self._kept.get(key)
        if kept is None or monotonic() - kept.read_at >= self._max_age_s:
            kept = self._keep(key, monotonic(), self._read(key))
        return kept.value

    def last(self, key: K) -> V | None:
        """This will give what was read last, however old; None if it never was."""
        kept = self._kept.get(key)
        return kept.value if kept else None

    def forget(self, key: K | None = None) -> None:
        """This will have a value, or all, read anew by who asks next; a read that is under way is overtaken."""
        self._forgotten_at = monotonic()
        if key is None:
            self._kept.clear()
        else:
            self._kept.pop(key, None)

    def _read_again(self, key: K, *, delay_s: float = 0.0) -> "asyncio.Task[V]":
        reading = self._reading.setdefault(asyncio.get_running_loop(), {})
        read = reading.get(key)
        if read is None or read.asked_at <= self._forgotten_at:
            now = monotonic()
            read = reading[key] = _Read(asyncio.ensure_future(self._refresh(key, now, delay_s)), now)
            read.task.add_done_callback(partial(_put_away, reading, key))
        return read.task

    async def _refresh(self, key: K, asked_at: float, delay_s: float) -> V:
        if delay_s:
            await asyncio.sleep(delay_s)
        return self._keep(key, asked_at, await in_thread(self._read, key)).value

    def _keep(self, key: K, asked_at: float, value: V) -> _Kept[V]:
        kept = _Kept(value, asked_at)
        if asked_at > self._forgotten_at:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = kept
        return kept


_behind: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[Any]]" = WeakKeyDictionary()


def _is_one_behind() -> bool:
    task = _behind.get(asyncio.get_running_loop())
    return task is not None and not task.done()


def _put_away(reading: dict[Any, _Read[Any]], key: Any, done: "asyncio.Task[Any]") -> None:
    if key in reading and reading[key].task is done:
        del reading[key]
    if not done.cancelled():
        done.exception()  # a read behind the caller's back that failed is tried again by who waits for it
