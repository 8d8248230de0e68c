"""Valkey from an event loop: who asks at the same moment shares one write, and none waits for a connection.

One connection a loop carries all of them, as Valkey answers in order. redis-py's own asyncio client takes a
connection from its pool for each command, which costs some four times the CPU.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha1
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings
from redis import asyncio as aioredis

Argument = str | bytes | int | float
# A Valkey that is asked and says nothing for so long is down: nothing it holds is worth more of a person's time.
PATIENCE_S = 0.5
# A loop that was busy for longer has not yet read what came meanwhile; so much later it has.
_ONE_TURN_S = 0.01


class Script:
    """A script as Valkey keeps it, by its digest; it is sent whole only where that is not known."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class Pipe:
    """One loop's way to Valkey. It connects when it is needed, and again after the connection broke."""

    def __init__(self, url: str) -> None:
        self._connections = aioredis.ConnectionPool.from_url(
            url, socket_connect_timeout=PATIENCE_S, socket_timeout=None
        )
        self._session: _Session | None = None

    async def ask(self, *command: Argument) -> Any:
        """This will send a command and give its answer.

        Raises:
            redis.ResponseError: Valkey refuses the command.
            redis.RedisError, OSError: it is away, or slower than `PATIENCE_S`.
        """
        return await self._sent(command)

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """This will run a script and give what it returns; it raises what `ask` does."""
        return await self.begin(script, keys, arguments).result()

    def begin(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> "Begun":
        """This will send a script for an answer that is waited for later; it is on its way when this returns."""
        rest = (len(keys), *keys, *arguments)
        first = self._sent(("EVALSHA", script.digest, *rest))
        return Begun(first, lambda: self._sent(("EVAL", script.text, *rest)))

    def _sent(self, command: tuple[Argument, ...]) -> "asyncio.Future[Any]":
        if self._session is None or self._session.is_over:
            self._session = _Session(self._connections.make_connection())  # type: ignore[no-untyped-call]
        return self._session.send(command)


class Begun:
    """A script that was sent."""

    __slots__ = ("_first", "_whole")

    def __init__(self, first: "asyncio.Future[Any]", whole: Callable[[], "asyncio.Future[Any]"]) -> None:
        self._first, self._whole = first, whole
        first.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever began it may be gone

    async def result(self) -> Any:
        """This will wait for what the script returns; it raises what `Pipe.ask` does."""
        try:
            return await self._first
        except redis.exceptions.NoScriptError:
            return await self._whole()


class _Session:
    """One connection and who waits for its answers, in the order they asked."""

    def __init__(self, connection: Any) -> None:
        self.is_over = False
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._heard_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._serving = self._loop.create_task(self._serve())

    def send(self, command: tuple[Argument, ...]) -> "asyncio.Future[Any]":
        """Send a command with the others of this moment."""
        packed = self._connection.pack_command(*command)
        future: asyncio.Future[Any] = self._loop.create_future()
        if not self._waiting:
            self._heard_at = self._loop.time()
        self._waiting.append(future)
        if self._writer is None:
            self._unsent += packed
        else:
            self._writer.writelines(packed)  # uvloop sends what one turn of the loop wrote as one
        if self._watch is None:
            self._watch = self._loop.call_later(PATIENCE_S, self._look_for_silence)
        return future

    async def _serve(self) -> None:
        error: Exception = redis.ConnectionError("the connection to Valkey was closed")
        try:
            await self._connection.connect()
            # redis-py has no way to write without waiting; silence ends the session before much is buffered.
            self._writer = self._connection._writer  # noqa: SLF001
            self._writer.writelines(self._unsent)
            await self._read()
        except (redis.RedisError, OSError) as failure:
            error = failure
        finally:
            self._end(error)
            await self._connection.disconnect(nowait=True)

    async def _read(self) -> None:
        while True:
            try:
                answer = await self._connection.read_response()
            except redis.ResponseError as refusal:
                answer = refusal
            if not self._waiting:
                raise redis.ConnectionError("Valkey said something nobody had asked")
            self._heard_at = self._loop.time()
            future = self._waiting.popleft()
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _look_for_silence(self, *, is_sure: bool = False) -> None:
        """One timer for all. Silence ends the session for everybody: answers come in order or not at all."""
        self._watch = None
        if not self._waiting:
            return
        left_s = self._heard_at + PATIENCE_S - self._loop.time()
        if left_s > 0:
            self._watch = self._loop.call_later(left_s, self._look_for_silence)
        elif not is_sure:
            self._watch = self._loop.call_later(_ONE_TURN_S, partial(self._look_for_silence, is_sure=True))
        else:
            self._end(redis.TimeoutError("Valkey did not answer in time"))
            self._serving.cancel()

    def _end(self, error: Exception) -> None:
        self.is_over, self._writer = True, None
        if self._watch is not None:
            self._watch.cancel()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(error)


_pipes: "WeakKeyDictionary[asyncio.AbstractEventLoop, Pipe]" = WeakKeyDictionary()


def valkey_pipe() -> Pipe:
    """This will give the running loop's way to Valkey."""
    loop = asyncio.get_running_loop()
    pipe = _pipes.get(loop)
    if pipe is None:
        pipe = _pipes[loop] = Pipe(settings.REDIS_URL)
    return pipe
