"""The process's runner: one event loop in a thread, carrying up to 256 runs."""

import asyncio
import logging
import os
import threading
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from functools import cache
from uuid import UUID

import uvloop
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from apps.agents.leases import LEASE, dismiss_worker, enroll_worker, overdue_run_ids, this_machine
from apps.agents.worker.carried import Carried, StopReason
from apps.agents.worker.carrying import carry
from apps.agents.worker.checkpoints import CheckpointWriter
from apps.agents.worker.control import listen_for_stops
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.preparing import Prepared, prepare_run
from apps.agents.worker.takeover import settle_forgotten, take_over_abandoned
from olympus.kernel.db import in_thread
from olympus.kernel.http import close_sessions
from olympus.kernel.tracing import in_run, traced

logger = logging.getLogger(__name__)

# Each run is a socket, a parser and its text: 256 take about 100 MB and saturate one core.
CAPACITY = 256
_SWEEP_S = 1.0
# The broker tells a worker within milliseconds; a run older than this was not told of.
_OVERDUE = timedelta(seconds=1)
# A worker that was away this long (stopped, or without the database) cannot tell the dead from those who
# were away with it, nor from itself: it lets one sweep pass, in which all give their sign of life.
_AWAY_S = LEASE.total_seconds() / 2


class Runner:
    """Carries runs on a loop of its own, so that connections to model servers outlive a task."""

    def __init__(self, *, capacity: int = CAPACITY, sweep_s: float = _SWEEP_S, overdue: timedelta = _OVERDUE) -> None:
        self._capacity = capacity
        self._sweep_s = sweep_s
        self._overdue_after = overdue
        self._runs: dict[UUID, Carried] = {}
        self._preparing: set[UUID] = set()
        self._lock = threading.Lock()
        self._is_draining = False
        self._loop = uvloop.new_event_loop()
        self._swept_at = self._loop.time()
        self._thread = threading.Thread(target=self._loop.run_forever, name="runner", daemon=True)
        self._services: list[asyncio.Task[None]] = []
        self.worker_id = enroll_worker()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def take(self, run_id: UUID, traceparent: str = "") -> bool:
        """This will claim a run and start it; False if it is not to be had or there is no room.

        Blocks for the database work before the turn; call it from a thread. What the run does belongs
        to the trace of `traceparent`.
        """
        if not self._reserve(run_id):
            return False
        with in_run(run_id, traceparent):
            return self._take(run_id)

    def _take(self, run_id: UUID) -> bool:
        try:
            prepared = prepare_run(run_id, self.worker_id)
            if prepared is not None:
                self._loop.call_soon_threadsafe(self._carry, prepared)
            else:
                self._preparing.discard(run_id)
            return prepared is not None
        except BaseException:
            self._preparing.discard(run_id)
            raise

    def drain(self, grace_s: float) -> None:
        """This will take no more runs, let those it has finish for `grace_s`, then let go of them.

        They go back to the queue, to begin again or to be gone on with; where nobody can, what was said is stored.
        """
        self._is_draining = True
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._drain(grace_s), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def _reserve(self, run_id: UUID) -> bool:
        with self._lock:
            is_full = len(self._runs) + len(self._preparing) >= self._capacity
            if self._is_draining or is_full or run_id in self._preparing:
                return False
            self._preparing.add(run_id)
            return True

    async def _start(self) -> None:
        self._live = LiveWriter()
        self._checkpoints = CheckpointWriter(self.worker_id, (this_machine(), os.getpid()), self._runs.values)
        for service in (
            self._live.run_forever(),
            self._checkpoints.run_forever(),
            listen_for_stops(self._stop_run),
            self._sweep_forever(),
        ):
            self._services.append(self._loop.create_task(_service(service)))

    def _carry(self, prepared: Prepared) -> None:
        run_id = prepared.claim.request.run_id
        run = Carried(prepared.claim, prepared.transcript, prepared.choice)
        if prepared.prompt is not None:
            run.left_out_count = prepared.prompt.left_out_count
        self._runs[run_id] = run
        self._preparing.discard(run_id)
        self._live.carried_count = len(self._runs)
        run.task = self._loop.create_task(traced("run", carry(run, prepared, self._live, self._checkpoints)))
        run.task.add_done_callback(lambda task: self._put_down(run_id, task))

    def _put_down(self, run_id: UUID, task: "asyncio.Task[None]") -> None:
        self._runs.pop(run_id, None)
        self._live.carried_count = len(self._runs)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("run %s was dropped", run_id, exc_info=error)

    def _stop_run(self, run_id: UUID) -> None:
        if run := self._runs.get(run_id):
            run.stop(StopReason.CANCELLED)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            try:
                await self._sweep()
            except Exception:
                logger.exception("a sweep failed; the next one comes in a second")

    async def _sweep(self) -> None:
        with suppress(DatabaseError):
            was_away = self._loop.time() - self._swept_at > _AWAY_S
            if not was_away:
                await settle_forgotten(self.worker_id, frozenset({*self._runs, *self._preparing}), self._live)
                await take_over_abandoned(self._live)
            for run_id in await in_thread(self._overdue):
                await in_thread(self.take, run_id)
            self._swept_at = self._loop.time()

    def _overdue(self) -> list[UUID]:
        room = self._capacity - len(self._runs) - len(self._preparing)
        if self._is_draining or room <= 0:
            return []
        return overdue_run_ids(older_than=timezone.now() - self._overdue_after, limit=room)

    async def _drain(self, grace_s: float) -> None:
        tasks = [run.task for run in self._runs.values() if run.task]
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for run in list(self._runs.values()):
            run.stop(StopReason.SHUTDOWN)
        if tasks:
            await asyncio.wait(tasks, timeout=settings.OLYMPUS_STORE_S)
        await self._checkpoints.settle()  # cut in the middle of a connect, its connection would leak
        for service in self._services:
            service.cancel()
        await asyncio.gather(*self._services, return_exceptions=True)
        with suppress(DatabaseError):
            await in_thread(dismiss_worker, self.worker_id)
        await close_sessions()
        await self._checkpoints.close()
        await self._live.close()


async def _service(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except Exception:
        # Without its services the process is a worker that holds runs and serves none:
        # ending it lets another take them over.
        logger.exception("a service of the runner failed; the worker ends")
        os._exit(70)


_starting = threading.Lock()


def process_runner() -> Runner:
    """This will start this process's runner, once: the first tasks may come while the worker says it is ready."""
    with _starting:
        return _runner()


@cache
def _runner() -> Runner:
    return Runner()
