"""An HTTP/1.1 server of a few lines whose every byte is under control."""

import asyncio
import json
import socket
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from tests.doubles.forms import decode_form

_REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
            429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip
_KEPT_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked; `body` is the decoded JSON or form, None without one."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None


@dataclass(slots=True)
class Log:
    """What happened to a server, for assertions."""

    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=_KEPT_REQUESTS))
    connection_count: int = 0
    disconnects: list[str] = field(default_factory=list)
    finished_count: int = 0
    sent_tokens: int = 0


class Connection(asyncio.Protocol):
    """One client; `busy` is the answer being sent, if any, and hears when the client leaves."""

    def __init__(self, server: "HttpServer") -> None:
        self._server = server
        self._buffer = bytearray()
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self.busy: Any = None
        self.is_open = False
        self.may_write = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's is no asyncio.Transport
        self.is_open = True
        self._server.connections.add(self)
        self._server.log.connection_count += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        self._server.connections.discard(self)
        if self.busy is not None:
            self.busy.client_left()

    def pause_writing(self) -> None:
        self.may_write = False

    def resume_writing(self) -> None:
        self.may_write = True
        if self.busy is not None:
            self.busy.may_go_on()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self.take_request()

    def take_request(self) -> None:
        """This will answer the next whole request, if there is one and no answer is under way."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self.busy is not None:
            return
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        size = end + 4 + int(headers.get("content-length", "0"))
        if len(self._buffer) < size:
            return
        raw = bytes(self._buffer[end + 4 : size])
        del self._buffer[:size]
        method, target, _ = lines[0].split(" ")
        request = Request(method, urlsplit(target).path, headers, _decoded(raw, headers.get("content-type", "")))
        self._server.receive(request, self)

    def send(self, data: bytes) -> None:
        """This will write bytes as they are."""
        if self.is_open:
            self.transport.write(data)

    def send_json(self, value: Any, status: int = 200, headers: str = "") -> None:
        """This will send a whole JSON answer; `headers` are more header lines, each ended by CRLF."""
        self.send_body(
            json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8", status, headers
        )

    def send_body(self, body: bytes, content_type: str, status: int = 200, headers: str = "") -> None:
        """This will send a whole answer."""
        head = (
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}\r\nContent-Type: {content_type}\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n"
        )
        self.send(head.encode() + body)
        self.take_request()

    def close(self) -> None:
        """This will end the connection after what was written."""
        self.transport.close()

    def reset(self) -> None:
        """This will end the connection with a TCP reset; what the client has not read is lost to it."""
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


def _decoded(raw: bytes, content_type: str) -> Any:
    if content_type.startswith("multipart/form-data"):
        return decode_form(raw, content_type)
    if content_type == "application/octet-stream":
        return raw
    return json.loads(raw) if raw else None


async def until(is_true: Callable[[], object], *, timeout_s: float = 2.0) -> None:
    """This will wait for something that happens on the other side of a wire."""
    async with asyncio.timeout(timeout_s):
        while not is_true():  # noqa: ASYNC110 - nobody over there could set an event
            await asyncio.sleep(0.005)


def _is_accepting(task: "asyncio.Task[object]") -> bool:
    """Whether a task of the loop's own makes a connection of an accepted socket."""
    return getattr(task.get_coro(), "__name__", "") == "_accept_connection2"


class HttpServer(ABC):
    """Listens on loopback; subclasses answer in `handle`."""

    def __init__(self) -> None:
        self.log = Log()
        self.connections: set[Connection] = set()
        self.host = "127.0.0.1"
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """This will listen; port 0 takes a free one, `host` may be another address of loopback."""
        loop = asyncio.get_running_loop()
        self.host = host
        self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=1024)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """The address of its root."""
        return f"http://{self.host}:{self.port}"

    async def stop(self) -> None:
        """This will stop listening and end all connections."""
        if self._server is not None:
            self._server.close()
        # A connection the kernel has taken may still be on its way to us: look again after a breath.
        for _ in range(2):
            await asyncio.gather(*(task for task in asyncio.all_tasks() if _is_accepting(task)))
            for connection in list(self.connections):
                connection.transport.abort()
            await until(lambda: not self.connections)
            await asyncio.sleep(0.01)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def receive(self, request: Request, connection: Connection) -> None:
        """This will note a request and answer it."""
        if request.path == "/_requests":
            connection.send_json(self.report())
            return
        if request.path != "/_script":
            self.log.requests.append(request)
        self.handle(request, connection)

    def report(self) -> dict[str, Any]:
        """This will tell what happened so far, for a test in another process."""
        return {
            "requests": [{"method": r.method, "path": r.path, "body": r.body} for r in self.log.requests],
            "connections": self.log.connection_count,
            "open": len(self.connections),
            "disconnects": self.log.disconnects,
            "finished": self.log.finished_count,
            "sent_tokens": self.log.sent_tokens,
        }

    @abstractmethod
    def handle(self, request: Request, connection: Connection) -> None:
        """This will answer a request."""
