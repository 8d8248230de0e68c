"""The web side of live runs: one reader a process for all runs its sockets follow."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from redis import RedisError
from redis import asyncio as aioredis

from apps.agents.replay import Replay, replay_run
from apps.agents.selectors import over_among
from apps.agents.tail import FIELD, frame_seq, stream_key
from olympus.kernel.db import in_thread
from olympus.kernel.live import Session
from olympus.kernel.valkey import async_valkey

logger = logging.getLogger(__name__)

_LAST_TYPES = (b'{"type":"complete"', b'{"type":"error"')
_RETRY_S = 0.25
# A run silent for this long is looked up: its last event may have been lost with Valkey.
_SILENCE_S = 2.0
# A gap is closed by the next checkpoint, which comes every half second.
_MEND_S = 0.1
_PATIENCE_S = 2.0


@dataclass(slots=True, eq=False)
class _Follower:
    """One socket following one run; `pending` holds live frames while it is caught up.

    `is_gone` when its socket closed or asked for the run anew: what it still has is outdated.
    """

    session: Session
    seq: int
    pending: list[tuple[int, bytes]] | None = None
    is_gone: bool = False


@dataclass(slots=True)
class _Followed:
    """One run followed by some sockets of this process."""

    last_id: bytes = b"0-0"
    heard_at: float = 0.0
    followers: list[_Follower] = field(default_factory=list)


class Hub:
    """Reads the live tails of all followed runs on one connection and hands frames to sockets."""

    def __init__(self) -> None:
        self._reader: aioredis.Redis = async_valkey(may_block=True)
        self._client: aioredis.Redis = async_valkey()
        self._runs: dict[UUID, _Followed] = {}
        self._keys: dict[bytes, UUID] = {}
        # What each socket follows, by the socket's id(); the entry goes with the socket.
        self._of_session: dict[int, dict[UUID, _Follower]] = {}
        self._wake_key = f"hub:{uuid4().hex}"
        self._wake_id = b"0-0"
        self._tasks: set[asyncio.Task[None]] = set()
        self._spawn(self._read_forever)
        self._spawn(self._watch_silence)

    async def close(self) -> None:
        """This will stop reading and close the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._reader.aclose()
        await self._client.aclose()

    async def follow(self, session: Session, run_id: UUID, *, after: int = 0, is_new: bool = False) -> None:
        """This will send the run's missed events or a snapshot, then its live ones, none twice.

        A run just ordered (`is_new`) is read from its beginning, without asking the database.
        """
        follower = _Follower(session, after, None if is_new else [])
        self._unfollow(session, run_id)
        self._join(run_id, follower)
        await self._wake()
        if not is_new:
            await self._catch_up(run_id, follower, is_first=True)

    def _join(self, run_id: UUID, follower: _Follower) -> None:
        followed = self._runs.get(run_id)
        if followed is None:
            followed = self._runs[run_id] = _Followed(heard_at=asyncio.get_running_loop().time())
            self._keys[stream_key(run_id).encode()] = run_id
        followed.followers.append(follower)
        session = follower.session
        if id(session) not in self._of_session:
            self._of_session[id(session)] = {}
            session.at_close(partial(self._part_all, id(session)))
        self._of_session[id(session)][run_id] = follower

    def _leave(self, run_id: UUID, follower: _Follower) -> None:
        self._let_go(run_id, follower)
        followed = self._runs.get(run_id)
        if followed is None or follower not in followed.followers:
            return
        followed.followers.remove(follower)
        if not followed.followers:
            self._forget(run_id)

    def _let_go(self, run_id: UUID, follower: _Follower) -> None:
        followed = self._of_session.get(id(follower.session), {})
        if followed.get(run_id) is follower:
            del followed[run_id]

    def _unfollow(self, session: Session, run_id: UUID) -> None:
        if follower := self._of_session.get(id(session), {}).get(run_id):
            self._part(run_id, follower)

    def _part(self, run_id: UUID, follower: _Follower) -> None:
        follower.is_gone = True
        self._leave(run_id, follower)

    def _part_all(self, session_id: int) -> None:
        for run_id, follower in self._of_session.pop(session_id, {}).items():
            self._part(run_id, follower)

    def _forget(self, run_id: UUID) -> None:
        self._runs.pop(run_id, None)
        self._keys.pop(stream_key(run_id).encode(), None)

    async def _wake(self) -> None:
        """Have the blocked read begin anew with the runs followed now."""
        try:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.xadd(self._wake_key, {b"w": b""}, maxlen=1)
            pipeline.expire(self._wake_key, 3600)
            await pipeline.execute()
        except (RedisError, OSError):
            return  # the reader is reconnecting and will see the new run anyway

    async def _read_forever(self) -> None:
        while True:
            streams: dict[Any, Any] = {key: self._runs[run_id].last_id for key, run_id in self._keys.items()}
            streams[self._wake_key.encode()] = self._wake_id
            try:
                answer = await self._reader.xread(streams, block=5000)
            except (RedisError, OSError):
                await asyncio.sleep(_RETRY_S)
                continue
            for key, entries in _streams(answer):
                self._deliver(key, entries)

    def _deliver(self, key: bytes, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        run_id = self._keys.get(key)
        if run_id is None:
            if entries and key == self._wake_key.encode():
                self._wake_id = entries[-1][0]
            return
        followed = self._runs[run_id]
        followed.heard_at = asyncio.get_running_loop().time()
        for entry_id, fields in entries:
            followed.last_id = entry_id
            frame = fields[FIELD]
            self._hand_out(run_id, followed, frame_seq(frame), frame)
            if frame.startswith(_LAST_TYPES):
                self._retire(run_id, followed)
                return

    def _hand_out(self, run_id: UUID, followed: _Followed, seq: int, frame: bytes) -> None:
        text = None
        for follower in followed.followers:
            if follower.pending is not None:
                follower.pending.append((seq, frame))
            elif seq == follower.seq + 1:
                text = text or frame.decode()
                follower.seq = seq
                follower.session.send_soon(text)
            elif seq > follower.seq:
                follower.pending = [(seq, frame)]
                self._spawn(partial(self._catch_up, run_id, follower))

    def _retire(self, run_id: UUID, followed: _Followed) -> None:
        """After the last event only those still catching up stay."""
        for follower in followed.followers:
            if follower.pending is None:
                self._let_go(run_id, follower)
        followed.followers = [f for f in followed.followers if f.pending is not None]
        if not followed.followers:
            self._forget(run_id)

    async def _catch_up(self, run_id: UUID, follower: _Follower, *, is_first: bool = False) -> None:
        """Send what was missed, then let live frames through; over again while there is a hole."""
        loop = asyncio.get_running_loop()
        patience = loop.time() + _PATIENCE_S
        while True:
            replay = await self._replay(run_id, follower.seq)
            if replay is None or follower.is_gone:
                break
            is_ahead = replay.seq > follower.seq or replay.is_over
            # A snapshot may be behind what a client has seen while the log catches up: then wait. Only a
            # client that names a number never given out waits in vain, and gets the snapshot after all.
            if is_ahead or (is_first and (replay.seq == follower.seq or loop.time() > patience)):
                is_first = False
                follower.seq = replay.seq
                for frame in replay.frames:
                    follower.session.send_soon(frame)
            if replay.is_over or (not is_first and self._drain_pending(run_id, follower)):
                break
            await asyncio.sleep(_MEND_S)
        if replay is None or replay.is_over:
            self._leave(run_id, follower)

    def _drain_pending(self, run_id: UUID, follower: _Follower) -> bool:
        """Send what came meanwhile; False if there is still a hole before it."""
        pending = [(seq, frame) for seq, frame in follower.pending or [] if seq > follower.seq]
        while pending and pending[0][0] == follower.seq + 1:
            seq, frame = pending.pop(0)
            follower.seq = seq
            follower.session.send_soon(frame.decode())
            if frame.startswith(_LAST_TYPES):
                self._leave(run_id, follower)
                return True
        if pending:
            follower.pending = pending
            return False
        follower.pending = None
        return True

    async def _replay(self, run_id: UUID, after: int) -> Replay | None:
        while True:
            try:
                return await replay_run(self._client, run_id, after=after)
            except Exception:
                # The database may be restarting; who follows waits for it, as the run does.
                logger.warning("replay of run %s waits", run_id, exc_info=True)
                await asyncio.sleep(_RETRY_S)

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(_SILENCE_S / 2)
            horizon = asyncio.get_running_loop().time() - _SILENCE_S
            silent = [run_id for run_id, followed in self._runs.items() if followed.heard_at < horizon]
            if silent:
                await self._end_those_over(silent)

    async def _end_those_over(self, run_ids: list[UUID]) -> None:
        try:
            over = await in_thread(over_among, run_ids)
        except Exception:
            logger.warning("could not look for finished runs", exc_info=True)
            return
        for run_id in over:
            followed = self._runs.get(run_id)
            for follower in list(followed.followers) if followed else []:
                if follower.pending is None:
                    follower.pending = []
                    self._spawn(partial(self._catch_up, run_id, follower))

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            await work()

        task = asyncio.get_running_loop().create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the live hub failed", exc_info=error)


def _streams(answer: object) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
    """XREAD's answer in either protocol version: a map in RESP3, pairs in RESP2."""
    if isinstance(answer, dict):
        return [
            (key, entries[0] if entries and isinstance(entries[0], list) else entries)
            for key, entries in answer.items()
        ]
    return list(answer or [])  # type: ignore[call-overload]


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """This will give the running loop's hub."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


async def close_hub() -> None:
    """This will close the running loop's hub, if it has one."""
    if found := _hubs.pop(asyncio.get_running_loop(), None):
        await found.close()
