"""The way out for live frames: all runs of the process in one pipeline a tick."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from redis import RedisError
from redis import asyncio as aioredis

from apps.agents.tail import FIELD, LIVE_TTL_S, OVER_TTL_S, encode_piece, entries_kept, stream_key
from apps.agents.worker.carried import Carried
from olympus.kernel.valkey import async_valkey

logger = logging.getLogger(__name__)

# A person reads 25 ms as at once. Each run's frame costs about 0.2 ms of CPU from here to
# the socket, so with many runs the tick grows and each frame carries more.
_TICK_S = 0.025
_TICK_PER_RUN_S = 0.0008
_LONGEST_TICK_S = 0.2
# Loop turns from a tick to a parsed read: the wait ends, the read returns, the transcript grows.
_STEPS_TO_READ = 3
# While Valkey is down frames are dropped at once instead of waiting for a time-out each tick.
_PAUSE_AFTER_FAILURE_S = 0.5


class LiveWriter:
    """Sends what runs say to their streams; Valkey being down costs the frames, never the run."""

    def __init__(self) -> None:
        self._client: aioredis.Redis = async_valkey()
        self._dirty: set[Carried] = set()
        self._first: set[Carried] = set()
        self._work = asyncio.Event()
        self._has_first = asyncio.Event()
        self._tick = asyncio.Event()
        self._down_until = 0.0
        self._lock = asyncio.Lock()
        self.carried_count = 0

    def news(self, run: Carried) -> None:
        """This will have the run's unsent pieces sent with the next tick, its first at once."""
        if run.transcript.seq <= run.claim.seq + 1:
            self._first.add(run)
            self._has_first.set()
        else:
            self._dirty.add(run)
        self._work.set()

    async def next_tick(self) -> None:
        """This will wait for the next tick: reading more often than frames go out would be wasted work."""
        self._work.set()
        await self._tick.wait()

    async def run_forever(self) -> None:
        """This will send until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._work.wait()
            self._work.clear()
            ended, self._tick = self._tick, asyncio.Event()
            ended.set()
            # Those who waited read what came meanwhile, so that it goes out with this tick.
            for _ in range(_STEPS_TO_READ):
                await asyncio.sleep(0)
            runs, self._dirty = self._dirty, set()
            await self._send(runs)
            tick = min(max(_TICK_S, self.carried_count * _TICK_PER_RUN_S), _LONGEST_TICK_S)
            await self._send_first_until(loop.time() + tick)

    async def _send_first_until(self, deadline: float) -> None:
        """Between ticks only the first words of new runs go out."""
        loop = asyncio.get_running_loop()
        while (left := deadline - loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_first.wait(), left)
            self._has_first.clear()
            runs, self._first = self._first, set()
            await self._send(runs)

    async def send_now(self, run: Carried) -> None:
        """This will send what the run has not sent yet."""
        self._dirty.discard(run)
        self._first.discard(run)
        await self._send([run])

    async def send_last(self, run_id: UUID, frame: bytes) -> None:
        """This will send a run's last event and let its stream go a little later."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.xadd(stream_key(run_id), {FIELD: frame})
        pipeline.expire(stream_key(run_id), OVER_TTL_S)
        await self._execute(pipeline)

    async def _send(self, runs: Iterable[Carried]) -> None:
        async with self._lock:
            pipeline = self._client.pipeline(transaction=False)
            now = datetime.now(UTC)  # noqa: TID251 - the wire's own timestamp
            for run in runs:
                key = stream_key(run.claim.request.run_id)
                is_first = run.transcript.seq == run.claim.seq
                for piece in run.transcript.take_unsent():
                    frame = encode_piece(piece, run.claim.request.run_id, attempt=run.claim.attempt, now=now)
                    pipeline.xadd(key, {FIELD: frame}, maxlen=entries_kept(frame), approximate=True)
                if is_first:
                    pipeline.expire(key, LIVE_TTL_S)
            await self._execute(pipeline)

    async def _execute(self, pipeline: aioredis.client.Pipeline) -> None:
        loop = asyncio.get_running_loop()
        if not pipeline.command_stack or loop.time() < self._down_until:
            return
        try:
            await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError):
            self._down_until = loop.time() + _PAUSE_AFTER_FAILURE_S
            logger.warning("Valkey is down; answers go on and are stored, pages see them late")

    async def close(self) -> None:
        """This will close the connection."""
        await self._client.aclose()
