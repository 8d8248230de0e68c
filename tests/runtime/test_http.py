"""What is before, between and behind bodies has an end, in size and in time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from olympus.runtime.http import BoundedHttp

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
_CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"


class _Hasty(BoundedHttp):
    head_s = 0.2


async def _size_of_body(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await asyncio.sleep(float(scope["query_string"] or 0))
    body = str(size).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]}
    )
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server of that protocol."""
    config = uvicorn.Config(_size_of_body, http=_Hasty, port=0, ws="none", lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await server.shutdown()


async def said(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Send pieces and read until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        b"GET / HTTP/1.1\r\n" + b"X-More: 1\r\n" * 10,
        _CHUNKED + b"5;name=",
        _CHUNKED + b"0\r\nX-Trailer: ",
    ],
)
async def test_a_head_without_end_is_refused(port: int, begun: bytes) -> None:
    more = b"X-More: 1\r\n" if begun.endswith(b"\n") else b"a"

    answer = await said(port, begun, *[more * 8192] * 400)

    assert b"200 OK" not in answer


async def test_who_says_nothing_or_half_is_not_waited_for(port: int) -> None:
    pieces = [(), (b"GE",), (REQUEST[:-2],), (REQUEST, b"\r\n"), (REQUEST, b"GE")]

    answers = await asyncio.gather(*(said(port, *each, pause_s=0.05) for each in pieces))

    assert [answer.count(b"200 OK") for answer in answers] == [0, 0, 0, 1, 1]


async def test_large_bodies_and_slow_answers_are_as_before(port: int) -> None:
    body = b"x" * 1_000_000
    whole = b"POST /?0.5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n"
    chunks = _CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"1\r\ny\r\n" * 50_000 + b"0\r\n\r\n"

    answers = [await said(port, whole, body[:10], body[10:], pause_s=0.3), await said(port, chunks)]

    assert [answer.rpartition(b"\r\n")[2] for answer in answers] == [b"1000000", b"50001"]


async def test_what_is_sent_behind_a_request_waits_for_its_answer(port: int) -> None:
    slow = REQUEST.replace(b"/ ", b"/?0.6 ")

    answer = await said(port, slow + slow + REQUEST[:-2], REQUEST[-2:].replace(b"\r\n", b"Connection: close\r\n\r\n"))

    assert answer.count(b"200 OK") == 3
