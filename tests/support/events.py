"""A reader of event streams that speaks ASGI, so that tests need no server."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from olympus.asgi import application


@dataclass
class StreamedEvent:
    """One event as it stood on the wire."""

    id: int
    event: str
    data: dict[str, Any]


@dataclass
class EventReader:
    """One GET of an event stream; a context manager that hangs up at its end."""

    headers: Mapping[str, str]
    address: str
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)
    events: list[StreamedEvent] = field(default_factory=list)
    comments: int = 0
    is_over: bool = False

    async def __aenter__(self) -> Self:
        parts = urlsplit(self.address)
        scope = {
            "type": "http",
            "method": "GET",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in self.headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8000),
            "scheme": "http",
            "http_version": "1.1",
        }
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=1)
        self._rest = b""
        self._to_server.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        self._task = asyncio.create_task(application(scope, self._to_server.get, self._from_server.put))
        start = await asyncio.wait_for(self._from_server.get(), 15)
        self.status = start["status"]
        self.answer_headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return self

    async def __aexit__(self, *_: object) -> None:
        self._to_server.put_nowait({"type": "http.disconnect"})
        while not self._task.done():  # a server that still writes must not wait for this reader for ever
            await asyncio.wait({self._task}, timeout=0.05)
            while not self._from_server.empty():
                self._from_server.get_nowait()
        await asyncio.gather(self._task, return_exceptions=True)

    async def next_event(self, timeout_s: float = 15) -> StreamedEvent | None:
        """Wait for the next event; None at the end of the stream."""
        while b"\n\n" not in self._rest:
            message = await asyncio.wait_for(self._from_server.get(), timeout_s)
            self._rest += message.get("body", b"")
            if not message.get("more_body", False):
                self.is_over = True
                if b"\n\n" not in self._rest:
                    return None
        block, _, self._rest = self._rest.partition(b"\n\n")
        if block.startswith(b":"):
            self.comments += 1
            return None if self.is_over and not self._rest else await self.next_event(timeout_s)
        fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
        event = StreamedEvent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
        self.events.append(event)
        return event

    async def to_the_end(self) -> None:
        """Read until the server ends the stream."""
        while await self.next_event() is not None:
            pass


def text_of(events: list[StreamedEvent], text: str = "") -> str:
    """Splice an answer together as a program would; fails where there is a hole."""
    for event in events:
        if event.event == "snapshot":
            text = event.data["content"].get("text", "")
        elif event.event == "token":
            offset = event.data["metadata"]["offset"]
            assert offset <= len(text), "a hole in the stream"
            text = text[:offset] + event.data["content"]
    return text
