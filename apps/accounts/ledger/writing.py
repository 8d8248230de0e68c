"""One writer a process: what waits is written in one transaction, so that a commit is shared by many calls."""

import atexit
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from time import monotonic
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError, connections
from django.db import Error as DatabaseAway

from olympus.kernel.errors import Unavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
# Trying these again brings the same answer; all other errors pass when the database is back.
_NEVER_TAKEN = (DataError, IntegrityError)
# A statement with this many rows still takes a few milliseconds.
_MOST_AT_ONCE = 500
_RETRY_S = 0.5
# A process that stops gives the database this long to take what waits; the rest is charged when its holds expire.
_DRAIN_S = 5.0


class QueueFull(Unavailable):
    """Too much waits for the database. Try again in a moment."""

    code = "ledger_queue_full"


class GroupWriter(Generic[T, R]):
    """Writes on a thread of its own, so that neither an event loop nor another's work holds it up.

    `write` takes what waits and gives one result for each, in order. With `keeps_trying` a
    database that is away is asked again until it is back; else those who wait get its error.
    Every `tick_s` the thread calls `tick`.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Sequence[T]], Sequence[R]],
        *,
        most_waiting: int,
        keeps_trying: bool,
        tick: Callable[[], None] | None = None,
        tick_s: float = 60.0,
    ) -> None:
        self._name = name
        self._write = write
        self._most_waiting = most_waiting
        self._keeps_trying = keeps_trying
        self._tick = tick
        self._tick_s = tick_s
        self._ticked_at = monotonic()
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: list[tuple[T, Future[R]]] = []
        self._news = threading.Condition()
        self._is_writing = False
        self._thread: threading.Thread | None = None

    def submit(self, item: T) -> "Future[R]":
        """This will queue an item and give its result to come; it never waits.

        Raises:
            QueueFull: the database was away for too long.
        """
        future: Future[R] = Future()
        with self._news:
            if len(self._waiting) >= self._most_waiting:
                raise QueueFull
            self._waiting.append((item, future))
            if self._thread is None:
                self._start()
            self._news.notify_all()
        return future

    def drain(self, timeout_s: float = _DRAIN_S) -> bool:
        """This will wait until all is written; False if the time did not suffice."""
        with self._news:
            return self._news.wait_for(lambda: not self._waiting and not self._is_writing, timeout_s)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()
        atexit.register(self.drain)

    def _run(self) -> None:
        while True:
            batch = self._take()
            if batch:
                self._settle(batch)
            self._tick_if_due()
            with self._news:
                self._is_writing = False
                if not self._waiting:
                    connections.close_all()  # back to the pool; a busy writer keeps its connection
                self._news.notify_all()

    def _take(self) -> list[tuple[T, "Future[R]"]]:
        with self._news:
            self._news.wait_for(lambda: bool(self._waiting), self._tick_s)
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            self._is_writing = True
        for _item, future in batch:
            # From here on nobody can cancel it. One that was cancelled before is written too: the call took place.
            future.set_running_or_notify_cancel()
        return batch

    def _settle(self, batch: list[tuple[T, "Future[R]"]], *, is_again: bool = False) -> None:
        while True:
            try:
                self._give(batch, self._write([item for item, _future in batch]))
            except _NEVER_TAKEN as error:
                if is_again:
                    logger.error("%s dropped what cannot be stored: %s", self._name, type(error).__name__)
                    self._refuse(batch, error)
                    return
                # One item's fault must not cost the others theirs; and what it named may have gone that very moment.
                for pair in batch:
                    self._settle([pair], is_again=True)
            except DatabaseAway as error:
                logger.warning("%s waits for the database: %s", self._name, type(error).__name__)
                connections.close_all()
                if self._keeps_trying:
                    threading.Event().wait(_RETRY_S)
                    continue
                self._refuse(batch, error)
            except Exception as error:
                logger.exception("%s could not write", self._name)
                self._refuse(batch, error)
            return

    @staticmethod
    def _give(batch: list[tuple[T, "Future[R]"]], results: Sequence[R]) -> None:
        for (_item, future), result in zip(batch, results, strict=True):
            if not future.cancelled():
                future.set_result(result)

    @staticmethod
    def _refuse(batch: list[tuple[T, "Future[R]"]], error: Exception) -> None:
        for _item, future in batch:
            if not future.cancelled():
                future.set_exception(error)

    def _tick_if_due(self) -> None:
        if self._tick is None or monotonic() - self._ticked_at < self._tick_s:
            return
        self._ticked_at = monotonic()
        try:
            self._tick()
        except DatabaseAway as error:
            logger.warning("%s waits for the database: %s", self._name, type(error).__name__)
