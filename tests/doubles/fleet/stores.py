"""Real stores on a TCP port: what the test run's Postgres and a Valkey say on their sockets, passed on byte by byte."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from olympus.runtime.embedded import Valkey
from olympus.runtime.process import Child
from tests.doubles.http_server import until

_CHUNK = 65_536


@asynccontextmanager
async def door_to(path: str, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """This will listen on a port and pass each connection on to a unix socket; it yields the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(path)
        for source, sink in ((reader, inner_writer), (inner_reader, writer)):
            task = asyncio.ensure_future(_pass_on(source, sink))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, host, 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


@asynccontextmanager
async def postgres(host: str = "127.0.0.1") -> AsyncIterator[int]:
    """This will offer the test run's own Postgres on a port."""
    folder = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0]
    async with door_to(f"{folder}/.s.PGSQL.5432", host) as port:
        yield port


@asynccontextmanager
async def valkey(host: str = "127.0.0.1", *, password: str = "") -> AsyncIterator[int]:
    """This will start a Valkey of its own, with a password if one is given, and offer it on a port."""
    with TemporaryDirectory() as name:  # a socket's path may have 108 characters: pytest's folders are too deep
        server = Valkey(Path(name))
        program = server.program()
        if password:
            program = replace(program, argv=[*program.argv, "--requirepass", password])
        child = Child(program, Path(name) / "valkey.log")
        child.start()
        try:
            await until(server.socket.is_socket, timeout_s=20)
            async with door_to(str(server.socket), host) as port:
                yield port
        finally:
            await asyncio.to_thread(child.stop)
