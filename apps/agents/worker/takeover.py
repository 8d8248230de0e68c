"""What becomes of runs whose worker died: begin again, go on, or keep what was said."""

import logging
from collections.abc import Collection
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import DatabaseError
from django.utils import timezone, translation
from redis import RedisError
from redis import asyncio as aioredis

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.engine.route import answered_by, route_of
from apps.agents.engine.transcript import Transcript
from apps.agents.jobs import queue_run_after_commit
from apps.agents.leases import (
    HELD,
    MAX_ATTEMPTS,
    abandoned_runs,
    finish_run,
    forget_dead_workers,
    release_begun_run,
    release_run,
)
from apps.agents.models import Run
from apps.agents.tail import decode_pieces, read_tail
from apps.agents.worker.carrying import INTERRUPTED_CODE, INTERRUPTED_MESSAGE, last_frame
from apps.agents.worker.ending import store_outcome
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.preparing import language_of_run
from apps.agents.worker.resuming import logged_pieces, may_resume
from olympus.kernel.db import in_thread
from olympus.kernel.valkey import async_valkey

logger = logging.getLogger(__name__)

# The next attempt's numbers start this far on, past any that were sent but never stored.
_SEQ_GAP = 1000
# Between claiming a run and carrying it lie milliseconds; a run still not carried after this was dropped.
_FORGOTTEN = timedelta(seconds=10)


async def take_over_abandoned(live: LiveWriter) -> None:
    """This will settle each run whose worker is dead: queue it again, or store it as interrupted."""
    now = timezone.now()
    await _settle_all(await in_thread(abandoned_runs, now=now), live)
    await in_thread(forget_dead_workers, now=now)


async def settle_forgotten(worker_id: UUID, carried: Collection[UUID], live: LiveWriter) -> None:
    """This will settle runs this worker claimed but does not carry, as after a lost database answer."""
    await _settle_all(await in_thread(_forgotten, worker_id, carried), live)


def _forgotten(worker_id: UUID, carried: Collection[UUID]) -> list[Run]:
    held = Run.objects.filter(worker_id=worker_id, state__in=HELD, started_at__lt=timezone.now() - _FORGOTTEN)
    return list(held.exclude(pk__in=carried))


async def _settle_all(runs: Collection[Run], live: LiveWriter) -> None:
    if not runs:
        return
    client = async_valkey()
    try:
        for run in runs:
            await _settle_apart(run, client, live)
    finally:
        await client.aclose()


async def _settle_apart(run: Run, client: aioredis.Redis, live: LiveWriter) -> None:
    """One run that cannot be settled must not keep the others from it, sweep after sweep."""
    try:
        await _settle(run, client, live)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("run %s could not be taken over", run.pk)


async def _settle(run: Run, client: aioredis.Redis, live: LiveWriter) -> None:
    transcript = await recovered_transcript(run, client)
    seq = transcript.seq + _SEQ_GAP
    if not transcript.has_output and not run.is_cancel_requested and run.attempt < MAX_ATTEMPTS:
        if await in_thread(release_run, run.pk, worker_id=run.worker_id, attempt=run.attempt, last_seq=seq):
            logger.warning("run %s begins again: its worker died before it said anything", run.pk)
            await in_thread(queue_run_after_commit, run.pk)
        return
    if transcript.has_output and not run.is_cancel_requested and await may_resume(run, transcript):
        transcript.seq = seq
        pieces = transcript.pieces()
        if await in_thread(release_begun_run, run.pk, worker_id=run.worker_id, attempt=run.attempt, pieces=pieces):
            logger.warning("run %s goes on: its worker died in the middle", run.pk)
        return
    finish = partial(finish_run, worker_id=run.worker_id, attempt=run.attempt, last_seq=seq)
    with translation.override(await in_thread(language_of_run, run.owner_id)):
        stored = await store_outcome(_outcome(run, transcript), run.host, finish, in_thread)
    if stored is not None:
        logger.warning("run %s was interrupted: its worker died", run.pk)
        await live.send_last(run.pk, last_frame(stored, seq=seq, attempt=run.attempt))


async def recovered_transcript(run: Run, client: aioredis.Redis) -> Transcript:
    """This will put together what a run said from its log and what the live tail has past it."""
    transcript = Transcript(seq=run.last_seq)
    transcript.restore_log(await in_thread(logged_pieces, run.pk))
    try:
        transcript.restore_tail(decode_pieces(frame for _, frame in await read_tail(client, run.pk)))
    except (RedisError, OSError):
        logger.warning("the live tail is gone; run %s keeps what its log has", run.pk)
    return transcript


def _outcome(run: Run, transcript: Transcript) -> RunOutcome:
    state = RunState.CANCELLED if run.is_cancel_requested else RunState.INTERRUPTED
    model, provider = answered_by(transcript)
    return RunOutcome(
        run_id=run.pk,
        owner_id=run.owner_id,
        thread_id=run.thread_id,
        subject_id=run.subject_id,
        state=state,
        text=transcript.text,
        thinking=transcript.thinking,
        tool_calls=tuple(transcript.tool_calls),
        model=model or run.model,
        provider=provider,
        left_out_count=transcript.told_state.get("left_out_count", 0),
        token_count=transcript.token_count,
        error_code="" if run.is_cancel_requested else INTERRUPTED_CODE,
        error_message="" if run.is_cancel_requested else str(INTERRUPTED_MESSAGE),
        route=route_of(run.model, transcript),
    )
