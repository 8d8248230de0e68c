"""Bringing models onto servers: many streams on one loop of the worker, apart from what its tasks wait for."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import aclosing, suppress
from functools import cache
from time import monotonic
from uuid import UUID, uuid4

from django.db import Error as DatabaseAway
from django.db import close_old_connections
from django.utils import timezone

from apps.inference.engine.managing.progress import Progress
from apps.inference.engine.managing.servers import load
from apps.inference.engine.managing.steps import Failed, steps
from apps.inference.engine.managing.troubles import PASSING, Trouble, trouble_of
from apps.inference.engine.wire import Timeouts
from apps.inference.errors import ModelError
from apps.inference.managing.claiming import Claimed, claim_job, end_job, idle_jobs, note_progress, provider_of
from apps.inference.managing.jobs import queue_job
from apps.inference.models import ModelJob
from apps.inference.services import refresh
from olympus.kernel.db import in_thread

logger = logging.getLogger(__name__)
Kind = ModelJob.Kind
_PATHS = {Kind.PULL: "/api/pull", Kind.CREATE: "/api/create"}

# A person watches: this often is live, and the database hardly notices.
_NOTE_EVERY_S = 0.5
# A server that restarts is back by then; it goes on where it was.
_PAUSES_S = (1.0, 5.0, 20.0)
_LISTING = Timeouts(connect_s=5.0, answer_s=20.0)


async def bring(job_id: UUID, *, pauses_s: Sequence[float] = _PAUSES_S) -> None:
    """This will carry out a job, if no other worker is at it and its server has none under way, then see who is next."""
    claimed = await in_thread(claim_job, job_id, claim=uuid4().hex, now=timezone.now())
    if claimed is None:
        return
    progress = Progress()
    bringing = asyncio.create_task(_brought(claimed, progress, pauses_s))
    try:
        failure = await _attended(claimed, progress, bringing)
        if failure is None:
            await asyncio.to_thread(_look_again, claimed.provider_id)
        await in_thread(end_job, claimed, failure, progress, now=timezone.now())
    except asyncio.CancelledError:
        return  # it was cancelled, or another worker has it by now
    finally:
        bringing.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await bringing
        await in_thread(_queue_next, claimed.provider_id)


async def _attended(claimed: Claimed, progress: Progress, bringing: "asyncio.Task[Failed | None]") -> Failed | None:
    """Keep and tell how far it is until it is over, and whether it still is this worker's.

    Raises:
        CancelledError: it is not.
    """
    while True:
        done, _ = await asyncio.wait({bringing}, timeout=_NOTE_EVERY_S)
        if done:
            return bringing.result()
        try:
            if not await in_thread(note_progress, claimed, progress, now=timezone.now()):
                raise asyncio.CancelledError
        except DatabaseAway:
            logger.warning("how far model job %s is could not be kept", claimed.job_id)


async def _brought(claimed: Claimed, progress: Progress, pauses_s: Sequence[float]) -> Failed | None:
    """Ask the server, again after a pause where that may help; what came before is not fetched twice."""
    for pause_s in (*pauses_s, None):
        before = progress.done_bytes
        failure = await _tried(claimed, progress)
        if failure is None or failure.trouble not in PASSING or pause_s is None:
            return failure
        logger.info("model job %s: %s after %s bytes, once more", claimed.job_id, failure.trouble, before)
        await asyncio.sleep(pause_s)
    return None


async def _tried(claimed: Claimed, progress: Progress) -> Failed | None:
    try:
        if claimed.kind is Kind.LOAD:
            await load(claimed.server, claimed.model, embeds=bool(claimed.spec.get("embeds")))
        else:
            await _followed(claimed, progress)
    except Failed as failure:
        return failure
    except ModelError as error:
        return Failed(trouble_of(error), error.message)
    except Exception:
        logger.exception("model job %s stopped", claimed.job_id)
        return Failed(Trouble.REFUSED)
    return None


async def _followed(claimed: Claimed, progress: Progress) -> None:
    body = {"model": claimed.model, **claimed.spec}
    async with aclosing(steps(claimed.server, _PATHS[claimed.kind], body)) as all_steps:
        async for step in all_steps:
            progress.take(step, now=monotonic())


def _look_again(provider_id: UUID) -> None:
    """The server's list, with the model that came."""
    try:
        provider = provider_of(provider_id)
        if provider is not None:
            refresh([provider], _LISTING)
    except Exception:  # the model is there; the next look at the server finds it
        logger.exception("the list of server %s could not be read again", provider_id)
    finally:
        close_old_connections()


def _queue_next(provider_id: UUID) -> None:
    for job_id in idle_jobs(now=timezone.now(), provider_id=provider_id)[:1]:
        queue_job(job_id)


class _Desk:
    """A thread with a loop on which all jobs of the process run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        threading.Thread(target=self._loop.run_forever, name="models", daemon=True).start()

    def take(self, job_id: UUID) -> None:
        """This will begin with a job, unless somebody is at it."""
        self._loop.call_soon_threadsafe(self._begin, job_id)

    def _begin(self, job_id: UUID) -> None:
        task = self._loop.create_task(self._carry_out(job_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, job_id: UUID) -> None:
        try:
            await bring(job_id)
        except Exception:  # a job that fails must not end the loop that carries the others
            logger.exception("model job %s failed", job_id)


@cache
def desk() -> _Desk:
    """This will give the process's desk, opened by whoever asks first."""
    return _Desk()
