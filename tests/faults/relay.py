"""A TCP relay in front of a model server: cuts connections at any byte, or makes them silent for a while."""

import asyncio
import random
import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Self


class _Pair:
    """One connection: the worker on one side, the model server on the other."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.near, self.far = near, far
        self.is_streaming = False
        self.cut_at: float | None = None
        self.is_reset = False
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def upward(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self.far.write(data)
            await self.far.drain()

    async def downward(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            await self.may_go_on.wait()
            if self.cut_at is not None:
                self.near.write(data[: int(len(data) * self.cut_at)])
                self._end()
                return
            self.near.write(data)
            self.is_streaming = not data.endswith(b"0\r\n\r\n")
            await self.near.drain()

    def _end(self) -> None:
        if self.is_reset:
            raw = self.near.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.near.transport.close()

    def close(self) -> None:
        for writer in (self.near, self.far):
            writer.transport.abort()


class Relay:
    """Listens on loopback and passes every byte on, until told otherwise; an async context manager."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for pair in list(self._pairs):
            pair.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where the worker finds the model server."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self, rng: random.Random) -> bool:
        """This will cut a stream in the middle of what it sends next; False if none is there."""
        pair = self._any(rng)
        if pair is None:
            return False
        pair.is_reset, pair.cut_at = rng.random() < 0.5, rng.random()
        return True

    async def hush(self, rng: random.Random, seconds: float) -> bool:
        """This will let a stream say nothing for a while; False if none is there."""
        pair = self._any(rng)
        if pair is None:
            return False
        pair.may_go_on.clear()
        await asyncio.sleep(seconds)
        pair.may_go_on.set()
        return True

    def _any(self, rng: random.Random) -> _Pair | None:
        streaming = [p for p in self._pairs if p.is_streaming and p.cut_at is None and p.may_go_on.is_set()]
        return rng.choice(streaming) if streaming else None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        pair = _Pair(writer, far_writer)
        self._pairs.add(pair)
        pumps = [asyncio.create_task(pair.upward(reader)), asyncio.create_task(pair.downward(far_reader))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._pairs.discard(pair)
            far_writer.transport.abort()
            with suppress(OSError):
                writer.close()
