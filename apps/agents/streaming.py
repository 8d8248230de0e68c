"""A run's events for a program that reads them one after the other instead of by a socket."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError

from apps.agents.access import run_for_reading
from apps.agents.following import hub
from olympus.kernel.actor import Actor
from olympus.kernel.db import in_thread, is_away
from olympus.kernel.errors import OlympusError

logger = logging.getLogger(__name__)

# A reader this far behind reads on where it was when it comes back; the log has what it missed.
_MAX_UNSENT_CHARS = 8_000_000
# How long an identity and a run are believed to be still there.
_RECHECK_S = 15.0
_LAST = frozenset({"complete", "error"})


class RunFrame(NamedTuple):
    """One event: its number, its type, and its JSON as on the socket."""

    seq: int
    type: str
    json: str


class _Metadata(msgspec.Struct):
    seq: int


class _Head(msgspec.Struct):
    type: str
    metadata: _Metadata


_decode_head = msgspec.json.Decoder(_Head).decode


class _Reader:
    """What the hub takes for a socket; frames wait here until they are read."""

    def __init__(self, actor: Actor, max_unsent_chars: int) -> None:
        self.actor = actor
        self.is_too_slow = False
        self._max_unsent_chars = max_unsent_chars
        self._unsent: deque[str] = deque()
        self._unsent_chars = 0
        self._has_unsent = asyncio.Event()
        self._callbacks: list[Callable[[], None]] = []

    async def send(self, event: msgspec.Struct) -> None:
        """This will queue one event."""
        self.send_soon(msgspec.json.encode(event).decode())

    def send_soon(self, frame: str) -> None:
        """This will queue an encoded frame; one who does not read is let go."""
        self._unsent.append(frame)
        self._unsent_chars += len(frame)
        self._has_unsent.set()
        if self._unsent_chars > self._max_unsent_chars:
            self._unsent.clear()
            self.is_too_slow = True

    def at_close(self, callback: Callable[[], None]) -> None:
        """This will call back once when the reader is gone."""
        self._callbacks.append(callback)

    def close(self) -> None:
        """This will tell those who feed it that nobody reads any more."""
        for callback in self._callbacks:
            callback()

    async def wait(self) -> None:
        """This will wait for the next frame."""
        await self._has_unsent.wait()
        self._has_unsent.clear()

    def take(self) -> str | None:
        """This will give the oldest frame that waits, or None."""
        if not self._unsent:
            return None
        frame = self._unsent.popleft()
        self._unsent_chars -= len(frame)
        return frame


async def run_events(
    actor: Actor,
    run_id: UUID,
    *,
    after: int,
    actor_now: Callable[[], Actor | None],
    recheck_s: float = _RECHECK_S,
    max_unsent_chars: int = _MAX_UNSENT_CHARS,
) -> AsyncGenerator[RunFrame, None]:
    """This will give a run's events past `after`, or a snapshot and then the rest, until its last one.

    It ends early for a reader that is too slow, for one whose access ended (`actor_now` looks that up, in a
    thread), and while the database is away: who reads comes back. Closing the generator stops following the run.
    """
    reader = _Reader(actor, max_unsent_chars)
    loop = asyncio.get_running_loop()
    believed_until = loop.time() + recheck_s
    try:
        await hub().follow(reader, run_id, after=after)
        while not reader.is_too_slow:
            while (frame := reader.take()) is not None:
                head = _decode_head(frame)
                yield RunFrame(head.metadata.seq, head.type, frame)
                if head.type in _LAST:
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.wait(), max(0.0, believed_until - loop.time()))
            if loop.time() >= believed_until:
                believed_until = loop.time() + recheck_s
                if not await in_thread(_may_go_on, actor_now, run_id):
                    return
    except (OperationalError, InterfaceError) as error:
        if not is_away(error):
            raise
        logger.warning("the events of run %s break off: the database does not answer", run_id)
    finally:
        reader.close()


def _may_go_on(actor_now: Callable[[], Actor | None], run_id: UUID) -> bool:
    actor = actor_now()
    try:
        return actor is not None and bool(run_for_reading(actor, run_id))
    except OlympusError:
        return False
