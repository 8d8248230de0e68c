"""Servers that would hold up, fill up or lead astray whoever asks them."""

import asyncio
import random
import zlib
from collections.abc import Callable
from functools import cache

from tests.doubles.fleet.answering import JSON, Answer
from tests.doubles.http_server import Connection, HttpServer, Request

METADATA_URL = "http://169.254.169.254/latest/meta-data/"
_BLOCK = b"\x00" * 10_000_000
_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


class Hostile(HttpServer):
    """Answers every request with what `attack` does to its connection."""

    def __init__(self, attack: Callable[[Connection], None]) -> None:
        super().__init__()
        self._attack = attack

    def handle(self, request: Request, connection: Connection) -> None:
        self._attack(connection)


class Talker(asyncio.Protocol):
    """Speaks before it is asked, and never stops: no HTTP at all."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._random = random.Random(7)
        self._say()

    def _say(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._random.randbytes(512))
            asyncio.get_running_loop().call_later(0.01, self._say)


class Garbage(HttpServer):
    """Sends random bytes from the moment somebody connects."""

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.host = host
        self._talkers: list[Talker] = []
        self._server = await asyncio.get_running_loop().create_server(self._talker, host, port)

    async def stop(self) -> None:
        await super().stop()
        for talker in self._talkers:
            talker._transport.abort()
        await asyncio.sleep(0.02)

    def handle(self, request: Request, connection: Connection) -> None:
        raise AssertionError("nothing is ever read")

    def _talker(self) -> Talker:
        self.log.connection_count += 1
        self._talkers.append(Talker())
        return self._talkers[-1]


def _never(_: Connection) -> None:
    """Take the request and say nothing, ever."""


def _drip(connection: Connection, left: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n") -> None:
    """One byte at a time, slowly enough to outlast anybody and quickly enough to look alive."""
    if connection.is_open:
        connection.send(left[:1] or b"X")
        asyncio.get_running_loop().call_later(0.1, _drip, connection, left[1:])


def _flood(first: bytes, again: bytes) -> Callable[[Connection], None]:
    """Something without an end, as fast as it is taken."""

    def attack(connection: Connection) -> None:
        connection.send(first)
        _more(connection, again)

    return attack


def _more(connection: Connection, again: bytes) -> None:
    if not connection.is_open:
        return
    if connection.may_write:
        connection.send(again)
    asyncio.get_running_loop().call_later(0.001, _more, connection, again)


def _huge_header(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 4_000_000 + b"\r\nContent-Length: 2\r\n\r\n{}")


def _many_headers(connection: Connection) -> None:
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(50_000))
    connection.send(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\n{}")


@cache
def _packed() -> bytes:
    """A megabyte that unpacks to a gigabyte; a block may be repeated, for a full flush forgets what was before."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(_BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * 99


def _bomb(connection: Connection) -> None:
    connection.send_body(_packed(), JSON, headers="Content-Encoding: gzip\r\n")


def redirect(status: int, location: str = METADATA_URL) -> Callable[[Connection], None]:
    """This will make the attack that leads elsewhere."""
    return lambda connection: connection.send_body(b"", JSON, status, f"Location: {location}\r\n")


def _answer(body: bytes, content_type: str = JSON) -> Callable[[Connection], None]:
    return lambda connection: Answer(body, 200, content_type).send(connection)


ATTACKS: dict[str, Callable[[Connection], None]] = {
    "tarpit": _never,
    "drip": _drip,
    "endless": _flood(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b'{"models":[', b'{"name":"x"},' * 5000),
    "endless_hints": _flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200),
    "endless_header": _flood(b"HTTP/1.1 200 OK\r\n", b"X-Long: y\r\n" * 500),
    "endless_trailer": _flood(_CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-Long: y\r\n" * 500),
    "endless_extension": _flood(_CHUNKED + b"2;", b"x" * 5000),
    "huge_chunk": lambda connection: connection.send(_CHUNKED + b"f" * 40 + b"\r\n{}"),
    "two_lengths": lambda connection: connection.send(_CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n") + b"0\r\n\r\n"),
    "redirect": redirect(302),
    "redirect_307": redirect(307),
    "huge_header": _huge_header,
    "many_headers": _many_headers,
    "bomb": _bomb,
    "reset": lambda connection: connection.reset(),
    "cut": lambda connection: (connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{"), connection.close())[1],
    "negative_length": lambda connection: connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"),
    "deep_json": _answer(b"[" * 60_000),
    "long_number": _answer(b'{"object":"list","data":' + b"1" * 60_000 + b"}"),
    "half_json": _answer(b'{"object":"list","data":[{"id":"x","owned_by":"vllm"'),
    "not_utf8": _answer(b'{"version":"\xff\xfe\xed\xa0\x80","models":[]}'),
    "odd_types": _answer(b'{"object":["list"],"data":{"id":7},"models":"many","version":{"a":1},"endpoints":5,"router":[]}'),
    "ssh": lambda connection: (connection.send(b"SSH-2.0-OpenSSH_9.2p1\r\n" * 4), connection.close())[1],
}  # fmt: skip


def hostile(name: str) -> HttpServer:
    """This will make the server that attacks in the named way; `garbage` is one too."""
    return Garbage() if name == "garbage" else Hostile(ATTACKS[name])
