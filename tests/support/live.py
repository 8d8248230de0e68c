"""A client of the live socket that speaks ASGI, so that tests need no server."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from olympus.asgi import application
from tests.support.protocol import check_event


class SocketRefused(Exception):
    """The server closed the socket; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class LiveClient:
    """One open socket: send frames, wait for events."""

    def __init__(self, headers: dict[str, str], path: str = "/ws/") -> None:
        self._scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 8000),
            "subprotocols": [],
        }
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.events: list[dict[str, Any]] = []
        self._seen = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(application(self._scope, self._to_server.get, self._from_server.put))
        self._to_server.put_nowait({"type": "websocket.connect"})
        answer = await asyncio.wait_for(self._from_server.get(), 10)
        if answer["type"] == "websocket.close":
            raise SocketRefused(answer.get("code", 1000))
        await self.wait_for(lambda e: e["type"] == "ready")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, 10)

    def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame, or raw text."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    async def wait_for(self, is_it: Callable[[dict[str, Any]], bool], timeout_s: float = 15) -> dict[str, Any]:
        """Wait for the next event, not waited for before, that is it."""
        while True:
            while self._seen < len(self.events):
                event = self.events[self._seen]
                self._seen += 1
                if is_it(event):
                    return event
            message = await asyncio.wait_for(self._from_server.get(), timeout_s)
            if message["type"] == "websocket.close":
                raise SocketRefused(message.get("code", 1000))
            event = json.loads(message["text"])
            check_event(event)
            self.events.append(event)

    async def ack(self, frame_id: str) -> dict[str, Any]:
        """Wait for the answer to a frame, ack or error."""
        return await self.wait_for(lambda e: e.get("id") == frame_id and e["type"] in {"ack", "error", "pong"})

    async def end_of(self, run_id: str) -> dict[str, Any]:
        """Wait for a run's last event."""
        return await self.wait_for(
            lambda e: e["type"] in {"complete", "error"} and e.get("metadata", {}).get("run_id") == run_id
        )

    def text_of(self, run_id: str) -> str:
        """Splice a run's text together as a page would."""
        text = ""
        for event in self.events:
            if event.get("metadata", {}).get("run_id") != run_id:
                continue
            if event["type"] == "snapshot":
                text = event["content"].get("text", "")
            elif event["type"] == "token":
                offset = event["metadata"]["offset"]
                assert offset <= len(text), "a hole in the stream"
                text = text[:offset] + event["content"]
        return text
