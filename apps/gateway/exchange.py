"""One request of a program and its answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import msgspec

from apps.accounts.contracts import KeyHolder
from apps.gateway.errors import Fault, fault_of
from apps.gateway.identity import caller_of
from apps.gateway.reading import Receive, Room, read_body
from apps.gateway.shape import Shape
from apps.inference.contracts import Caller, CallOptions, Routed, Switched
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import INSTANCE_HEADER, instance_id
from olympus.kernel.tracing import request_id

Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON = b"application/json"
EVENTS = b"text/event-stream; charset=utf-8"
LINES = b"application/x-ndjson"

_encode = msgspec.json.Encoder().encode
_SAFE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), (b"x-accel-buffering", b"no")]


@cache
def _same_for_all() -> tuple[Header, ...]:
    """The headers of every answer; by the last one Olympus knows itself and is no model server of its own."""
    return (*_SAFE, (INSTANCE_HEADER.lower().encode(), instance_id().encode()))


class Exchange:
    """What a handler is given: who asks, what they sent, and how to answer.

    Answer once: `send_json` or `send_body`, or `open_stream`, any number of `write`, `close_stream`. Whatever a
    handler raises is told in the program's shape, before the answer or inside it.
    """

    __slots__ = (
        "_is_likely", "_permission", "_receive", "_room", "_send", "_task", "_told", "_watcher", "answered_by", "error_event", "has_started", "headers", "identity", "is_abandoned", "is_over",
        "request_id", "response_headers", "scope", "shape", "started", "tail",
    )  # fmt: skip

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send, shape: Shape, tail: str) -> None:
        self.scope = scope
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.shape = shape
        self.error_event: Callable[[Fault], bytes] = shape.error_event
        """How an error ends a stream; a handler whose streams count their events puts its own here."""
        self.tail = tail
        """What follows the route's own part of the address, for routes that end in `/`."""
        self.identity: KeyHolder
        self.request_id = request_id()
        """What the header X-Request-ID and the log call this request; what is answered is named after it."""
        self.response_headers: list[Header] = list(_same_for_all())
        self.started = time.perf_counter()
        self.answered_by = ""
        """The model that answers, once that is known."""
        self.has_started = False
        self.is_over = False
        self.is_abandoned = False
        self._receive = receive
        self._room = Room()
        self._send = send
        self._told: dict[bytes, bytes] = {}
        self._permission: asyncio.Task[None] | None = None
        self._is_likely = False
        self._task: asyncio.Task[Any] | None = None
        self._watcher: asyncio.Future[Any] | None = None

    def header(self, name: bytes) -> str:
        """This will read a header of the request by its name in lower case; empty without one."""
        return self.headers.get(name, b"").decode("latin-1")

    async def body(self, limit_bytes: int | None = None) -> bytes:
        """This will read the whole body; from then on a program that goes away ends the handler.

        Raises:
            BodyTooLarge: there is more than `limit_bytes`, or than the owner's setting allows.
        """
        body = await read_body(self._receive, self.headers, limit_bytes, room=self._room)
        self._watch()
        return body

    def count(self, counting: Coroutine[Any, Any, None], *, is_likely: bool) -> None:
        """This will begin to ask whether the program may ask so often; what it sent is read meanwhile.

        Nothing is answered before that is known, and nothing called unless it `is_likely`.
        """
        self._permission, self._is_likely = asyncio.create_task(counting), is_likely

    async def caller(self) -> Caller:
        """This will say who makes this exchange's calls, once it is known or likely that they may.

        Raises:
            RateLimited: they ask too often.
        """
        if not self._is_likely:
            await self._permitted()
        return caller_of(self.identity)

    def options(self, *, affinity: str = "") -> CallOptions:
        """This will say how the program wants its call made, by its headers."""
        is_cached = self.headers.get(b"x-olympus-cache", b"").strip().lower() not in {b"bypass", b"no-store"}
        return CallOptions(
            may_switch=self.headers.get(b"x-olympus-continue", b"").strip().lower() != b"never",
            affinity=affinity,
            may_cache=is_cached,
            may_store=is_cached,
        )

    def saw(self, who: Routed | Switched) -> None:
        """This will tell the program who answers, in the headers of an answer that has not begun."""
        self.answered_by = who.model
        self._told[b"x-olympus-model"] = _header_value(who.model)
        self._told[b"x-olympus-provider"] = _header_value(who.provider_name)
        if isinstance(who, Routed):
            self._told[b"x-olympus-cache"] = (who.cache or "miss").encode()
            if who.tier is not None:
                self._told[b"x-olympus-tier"] = who.tier.value.encode()

    async def send_json(self, value: Any) -> None:
        """This will answer with a value as JSON."""
        await self.send_body(_encode(value))

    async def send_body(
        self, body: bytes, *, content_type: bytes = JSON, status: int = 200, headers: Iterable[Header] = ()
    ) -> None:
        """This will answer with these bytes."""
        await self._start(status, [(b"content-length", b"%d" % len(body)), *headers], content_type)
        self.is_over = True
        await self._send({"type": "http.response.body", "body": body})

    async def open_stream(self, content_type: bytes = EVENTS) -> None:
        """This will begin an answer in pieces."""
        await self._start(200, [], content_type)

    async def write(self, data: bytes) -> None:
        """This will send a piece; it waits while the program does not read."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def close_stream(self, data: bytes = b"") -> None:
        """This will send the last piece."""
        self.is_over = True
        await self._send({"type": "http.response.body", "body": data})

    async def fail(self, fault: Fault) -> None:
        """This will tell of an error: as the answer, or as the end of one that has begun."""
        if self.is_over:
            return
        if self.has_started:
            await self.close_stream(self.error_event(fault))
            return
        try:
            await self._permitted()
        except OlympusError as refusal:
            fault, self._permission = fault_of(refusal), None
        headers: list[Header] = []
        if fault.retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % max(1, round(fault.retry_after_s))))
        if fault.status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await self.send_body(self.shape.error_body(fault), status=fault.status, headers=headers)

    def release(self) -> None:
        """This will stop listening for the program; the exchange is over."""
        self.is_over = True
        self._room.give_back()
        for task in (self._watcher, self._permission):
            if task is not None and not task.cancel() and not task.cancelled():
                task.exception()  # a refusal that nobody waited for is no news

    async def _permitted(self) -> None:
        if self._permission is not None:
            await self._permission

    async def _start(self, status: int, headers: list[Header], content_type: bytes) -> None:
        await self._permitted()
        self.has_started = True
        await self._send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", content_type), *headers, *self.response_headers, *self._told.items()],
            }
        )

    def _watch(self) -> None:
        """Wait for the program to go away beside the handler, and end the handler with it: one task a request."""
        self._task = asyncio.current_task()
        self._watcher = asyncio.ensure_future(self._receive())
        self._watcher.add_done_callback(self._left)

    def _left(self, watcher: "asyncio.Future[Any]") -> None:
        if self.is_over or watcher.cancelled():
            return
        self.is_abandoned = True
        if self._task is not None:
            self._task.cancel()


def _header_value(text: str) -> bytes:
    return quote(text, safe=" !#$&'()*+,/:;=?@[]").encode()
