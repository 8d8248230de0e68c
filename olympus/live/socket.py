"""One open WebSocket, as a plain ASGI application.

Channels' consumers hop to a thread for each received frame; this does not, and talks to
the channel layer for the rare messages.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import redis
from channels.layers import get_channel_layer
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from olympus.kernel import tracing
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import user_group
from olympus.kernel.db import in_thread
from olympus.kernel.errors import LimitReached
from olympus.live.frames import error_frame, parse_frame
from olympus.live.origin import is_same_origin
from olympus.live.protocol import Ready, ReadyContent

logger = logging.getLogger(__name__)

PATH = "/ws/"
PING_EVERY_S = 20
# A reader this far behind is gone or hostile; it reconnects and gets a snapshot.
_MAX_UNSENT_CHARS = 8_000_000
# Frames of one socket handled at the same time; more wait their turn in the transport.
_MAX_HANDLING = 16
# Far more than a person or a well-behaved program sends, per socket and second.
_MAX_FRAMES_PER_S = 200
# How long an identity is believed before it is looked up again: a disabled person is out within this.
_RECHECK_S = 30.0
# How long a page waits to be told of changes; without Valkey it works all the same.
_HEARING_S = 1.0
# How long a socket that is closed may take to read why.
_GOODBYE_S = 2.0
_UNAUTHORIZED = 4401
_TOO_SLOW = 4408

_ACCESS_ENDED = msgspec.json.encode(accounts.AccessEnded()).decode()

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class LiveSocket:
    """A socket's session: what handlers see of it, and the loops that keep it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, actor: Actor) -> None:
        self.actor = actor
        self._scope = scope
        self._receive = receive
        self._send = send
        self._unsent: deque[str] = deque()
        self._unsent_chars = 0
        self._has_unsent = asyncio.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._handling: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_MAX_HANDLING)
        self._recheck = asyncio.Event()
        self._is_told = asyncio.Event()
        self._is_too_slow = asyncio.Event()
        self._close_code: int | None = None

    async def send(self, event: msgspec.Struct) -> None:
        """This will send one event, after what is queued."""
        self.send_soon(msgspec.json.encode(event).decode())

    def send_soon(self, frame: str) -> None:
        """This will queue an encoded frame; a socket that does not read is closed."""
        if self._is_too_slow.is_set():
            return
        self._unsent.append(frame)
        self._unsent_chars += len(frame)
        self._has_unsent.set()
        if self._unsent_chars > _MAX_UNSENT_CHARS:
            self._unsent.clear()
            self._close_code = _TOO_SLOW
            self._is_too_slow.set()

    def at_close(self, callback: Callable[[], None]) -> None:
        """This will call back once when the socket is gone."""
        self._callbacks.append(callback)

    async def serve(self) -> None:
        """This will run the socket until either side ends it."""
        loops = [
            asyncio.create_task(work)
            # The writer itself cannot tell that the reader is too slow: it waits for the reader.
            for work in (
                self._write_forever(),
                self._hear_broadcasts(),
                self._recheck_forever(),
                self._is_too_slow.wait(),
            )
        ]
        reading = asyncio.create_task(self._read_until_gone())
        try:
            # A page asks for what there is once it is ready: what changes from then on it must be told.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_told.wait(), _HEARING_S)
            await self.send(Ready(content=ReadyContent(user=str(self.actor.user_id), ping_every_s=PING_EVERY_S)))
            await asyncio.wait({reading, *loops}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for callback in self._callbacks:
                callback()
            for task in (reading, *loops, *self._handling):
                task.cancel()
            await asyncio.gather(reading, *loops, *self._handling, return_exceptions=True)
            if self._close_code is not None:
                with suppress(Exception):
                    async with asyncio.timeout(_GOODBYE_S):
                        await self._send({"type": "websocket.close", "code": self._close_code})

    async def _read_until_gone(self) -> None:
        loop = asyncio.get_running_loop()
        window_ends, count = 0.0, 0
        while (message := await self._receive())["type"] != "websocket.disconnect":
            if loop.time() > window_ends:
                window_ends, count = loop.time() + 1.0, 0
            count += 1
            if count > _MAX_FRAMES_PER_S:
                await self.send(
                    error_frame(LimitReached(_("Too many frames a second; slow down."), retry_after_s=1), None)
                )
                await asyncio.sleep(max(0.0, window_ends - loop.time()))
            await self._room.acquire()
            task = asyncio.create_task(self._handle(message.get("text") or message.get("bytes") or ""))
            self._handling.add(task)
            task.add_done_callback(self._handled)

    def _handled(self, task: "asyncio.Task[None]") -> None:
        self._handling.discard(task)
        self._room.release()

    async def _handle(self, raw: str | bytes) -> None:
        frame_id = None
        tracing.begin_request()
        try:
            frame, payload, frame_id = parse_frame(raw)
            if frame.is_counted:
                await self._count()
            with tracing.span(frame.name, door="live"):
                await frame.handler(self, payload)
        except Exception as error:  # noqa: BLE001 - the translator of this transport
            await self.send(error_frame(error, frame_id))

    async def _count(self) -> None:
        """Hold the sender to their rate limit, together with what they ask elsewhere."""
        state = await accounts.allow(accounts.socket_subjects(self._scope, self.actor))
        if not state.is_allowed:
            raise accounts.RateLimited(state)

    async def _write_forever(self) -> None:
        while self._close_code is None:
            await self._has_unsent.wait()
            self._has_unsent.clear()
            while self._unsent and self._close_code is None:
                frame = self._unsent.popleft()
                self._unsent_chars -= len(frame)
                await self._send({"type": "websocket.send", "text": frame})

    async def _hear_broadcasts(self) -> None:
        """Pass on what is told to this person's group, also after Valkey was away."""
        layer = get_channel_layer()
        while True:
            with suppress(redis.RedisError, OSError):
                channel = await layer.new_channel()
                await layer.group_add(user_group(self.actor.user_id), channel)
                self._is_told.set()
                try:
                    while True:
                        frame = (await layer.receive(channel))["frame"]
                        self.send_soon(frame)
                        if frame == _ACCESS_ENDED:
                            self._recheck.set()
                finally:
                    with suppress(redis.RedisError, OSError):
                        await layer.group_discard(user_group(self.actor.user_id), channel)
            self._is_told.set()  # without Valkey nobody is told anything
            await asyncio.sleep(1)

    async def _recheck_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._recheck.wait(), _RECHECK_S)
            self._recheck.clear()
            try:
                actor = await in_thread(accounts.socket_actor, self._scope)
            except Exception:
                logger.warning("could not look a socket's person up again", exc_info=True)
                continue
            if actor is None or actor.user_id != self.actor.user_id:
                self._close_code = _UNAUTHORIZED
                return
            self.actor = actor


async def live_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """This will serve `/ws/`: refuse foreign origins and strangers, then run the session.

    A browser sends Origin; programs that do not are let in by their key.
    """
    await receive()  # websocket.connect
    if scope["path"] != PATH or not is_same_origin(scope):
        await send({"type": "websocket.close", "code": 4403})
        return
    actor = await in_thread(accounts.socket_actor, scope)
    if actor is None:
        # Whoever tries keys is counted; a person's own sockets are not, only what they send.
        await accounts.allow(accounts.socket_subjects(scope, None))
    if actor is None or not actor.may_read:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": _UNAUTHORIZED, "reason": "Sign in first."})
        return
    await send({"type": "websocket.accept"})
    await LiveSocket(scope, receive, send, actor).serve()
