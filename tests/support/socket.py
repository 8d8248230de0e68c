"""A client of the live protocol over a real WebSocket, as docs/asyncapi.yaml describes it.

It comes back when its line is cut, sends again what was not acknowledged, resumes its runs,
and notes whatever a server should never send.
"""

import asyncio
import json
import random
import re
import socket
import struct
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from time import monotonic
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.support.spliced import SplicedRun

# These errors of a frame pass by themselves: the frame is sent again.
_PASSING = frozenset({"unavailable", "internal", "limit_reached"})
_SEND_AGAIN_S = 0.5
# What a repeated acknowledgment must say again.
_LASTING = ("run_id", "message", "answer", "conversation", "also")
# Acknowledgments and resumes that take longer than this were lost.
_PATIENCE_S = 15.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 1.0

Hear = Callable[["SocketClient", dict[str, Any]], None]


class Refused(Exception):
    """The server refused a frame for good; the text is the error's code."""


@dataclass(eq=False)
class Turn:
    """One message on its way: its frame until it is acknowledged, then its run."""

    client_id: str
    text: str
    frame: dict[str, Any]
    after: "Turn | None" = None
    ack: dict[str, Any] | None = None
    run: SplicedRun | None = None
    also: SplicedRun | None = None
    kept: str = ""
    tries: int = 0
    sent_at: float = 0.0
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: str = ""

    @property
    def may_go(self) -> bool:
        """Whether it waits to be acknowledged and the one before it in its conversation does not."""
        return not self.acked.is_set() and (self.after is None or self.after.acked.is_set())

    @property
    def runs(self) -> list[SplicedRun]:
        """Its run, and the second one of a comparison."""
        return [run for run in (self.run, self.also) if run is not None]

    @property
    def answers(self) -> list[str]:
        """The answers it was told it will have."""
        if self.ack is None:
            return []
        also = self.ack.get("also")
        return [self.ack["answer"], *([also["answer"]] if also else [])]


class SocketClient:
    """One page or program: an async context manager that stays connected until it is left."""

    def __init__(
        self, url: str, headers: Mapping[str, str], *, hear: Hear | None = None, rng: random.Random | None = None
    ) -> None:
        self._url = url.replace("http", "ws", 1) + "ws/"
        self._headers = dict(headers)
        self._hear = hear
        self._rng = rng or random.Random()
        self._socket: ClientConnection | None = None
        self._is_open = asyncio.Event()
        self._later: set[asyncio.Task[None]] = set()
        self._lost_at: float | None = None
        self.turns: list[Turn] = []
        self.runs: dict[str, SplicedRun] = {}
        self._choices: dict[str, tuple[Turn, str]] = {}
        self._is_cutting = self._was_cut = False
        self.resumes_after_cut_s: list[float] = []
        self.resumes_s: list[float] = []
        self.connection_count = 0
        self.complaints: list[str] = []

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(self._stay_connected())
        self._watching = asyncio.create_task(self._watch())
        await asyncio.wait_for(self._is_open.wait(), 30)
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [self._keeping, self._watching, *self._later]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def is_open(self) -> bool:
        """Whether the line is up."""
        return self._is_open.is_set()

    def send(self, text: str, *, after: Turn | None = None, **fields: Any) -> Turn:
        """This will post a message, in the conversation of `after` or a new one, until it is acknowledged."""
        client_id = uuid4().hex
        turn = Turn(client_id, text, {"type": "chat.send", "id": client_id, "text": text, **fields}, after)
        self.turns.append(turn)
        self._flush()
        return turn

    def stop(self, turn: Turn) -> None:
        """This will ask for a turn's answer to be stopped."""
        if turn.ack is not None:
            self._say({"type": "chat.stop", "id": f"stop:{uuid4().hex}", "run_id": turn.ack["run_id"]})

    def keep(self, turn: Turn, answer: str) -> None:
        """This will keep one answer of a comparison; it is asked for until it is done."""
        frame_id = f"keep:{uuid4().hex}"
        self._choices[frame_id] = (turn, answer)
        self._choose(frame_id)

    def resume(self, run_id: str) -> SplicedRun:
        """This will follow a run, from where this client is with it."""
        run = self.runs.setdefault(run_id, SplicedRun(run_id))
        self._say({"type": "run.resume", "id": f"resume:{run_id}", "run_id": run_id, "after": run.seq})
        return run

    def cut(self) -> None:
        """This will cut the line hard: a TCP reset, no close frame."""
        if self._socket is None:
            return
        self._is_cutting = True
        raw = self._socket.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.transport.abort()

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    self._url,
                    additional_headers=self._headers,
                    compression=None,
                    proxy=None,
                    ping_interval=10,
                    ping_timeout=15,
                    close_timeout=1,
                    max_size=None,
                ) as line:
                    await self._converse(line)
                    attempt = 0
            if self.is_open:
                attempt = 0
                self._lost_at = monotonic()
                self._was_cut = self._is_cutting
                self._is_cutting = False
            self._socket = None
            self._is_open.clear()
            if attempt:
                await asyncio.sleep(self._rng.random() * min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt))
            attempt += 1

    async def _converse(self, line: ClientConnection) -> None:
        hello = json.loads(await asyncio.wait_for(line.recv(), 15))
        assert hello["type"] == "ready", hello
        self._socket = line
        self._is_open.set()
        self.connection_count += 1
        for turn in self.turns:
            turn.sent_at = 0.0
        self._flush()
        for frame_id in self._choices:
            self._choose(frame_id)
        unfinished = [run for run in self.runs.values() if not run.is_over]
        if not unfinished:
            self._lost_at = None
        for run in unfinished:
            self.resume(run.run_id)
        async for message in line:
            self._take(json.loads(message))

    def _take(self, event: dict[str, Any]) -> None:
        if self._hear is not None:
            self._hear(self, event)
        if "metadata" in event:
            self._take_run_event(event)
        elif event["type"] == "ack":
            self._acknowledged(event)
        elif event["type"] == "done" and event["id"] in self._choices:
            turn, answer = self._choices.pop(event["id"])
            turn.kept = answer
        elif event["type"] == "error":
            self._failed(event)

    def _take_run_event(self, event: dict[str, Any]) -> None:
        run_id = event["metadata"]["run_id"]
        run = self.runs.get(run_id)
        if run is None:
            self.complaints.append(f"{event['type']} of a run nobody here asked for")
            return
        if self._lost_at is not None:
            found = self.resumes_after_cut_s if self._was_cut else self.resumes_s
            found.append(monotonic() - self._lost_at)
            self._lost_at = None
        if not run.take(event):
            self.resume(run_id)
        if run.is_over:
            for turn in self.turns:
                if run in turn.runs and all(each.is_over for each in turn.runs):
                    turn.over.set()

    def _acknowledged(self, event: dict[str, Any]) -> None:
        turn = next((t for t in self.turns if t.client_id == event["id"]), None)
        if turn is None:
            return
        if turn.ack is not None:
            first, second = turn.ack, event
            if any(first.get(name) != second.get(name) for name in _LASTING):
                self.complaints.append(f"two acks differ: {first} and {second}")
            return
        turn.ack = event
        turn.run = self.runs.setdefault(event["run_id"], SplicedRun(event["run_id"]))
        if also := event.get("also"):
            turn.also = self.runs.setdefault(also["run_id"], SplicedRun(also["run_id"]))
        turn.acked.set()
        self._flush()

    def _failed(self, event: dict[str, Any]) -> None:
        frame_id = event.get("id") or ""
        turn = next((t for t in self.turns if t.client_id == frame_id), None)
        if event["code"] in _PASSING:
            if turn is not None:
                self._soon(lambda: self._send(turn))
            elif frame_id.startswith("resume:"):
                self._soon(lambda: self.resume(frame_id.removeprefix("resume:")))
            elif frame_id in self._choices:
                self._soon(lambda: self._choose(frame_id))
        elif turn is not None:
            turn.refusal = event["code"]
            turn.acked.set()
            turn.over.set()
        else:
            self.complaints.append(f"refused {frame_id}: {event['code']} {event['content']}")

    def _flush(self) -> None:
        for turn in self.turns:
            if turn.may_go and not turn.sent_at:
                self._send(turn)

    def _send(self, turn: Turn) -> None:
        if turn.after is not None and turn.after.ack is not None:
            turn.frame["conversation"] = turn.after.ack["conversation"]
        if self._say(turn.frame):
            turn.tries += 1
            turn.sent_at = monotonic()

    def _choose(self, frame_id: str) -> None:
        if frame_id in self._choices:
            self._say({"type": "chat.select", "id": frame_id, "message": self._choices[frame_id][1], "keep": True})

    def _say(self, frame: dict[str, Any]) -> bool:
        if self._socket is None:
            return False
        self._later_do(self._deliver(self._socket, json.dumps(frame)))
        return True

    @staticmethod
    async def _deliver(line: ClientConnection, text: str) -> None:
        with suppress(OSError, WebSocketException):
            await line.send(text)

    def _soon(self, work: Callable[[], object]) -> None:
        async def wait() -> None:
            await asyncio.sleep(_SEND_AGAIN_S)
            work()

        self._later_do(wait())

    def _later_do(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _watch(self) -> None:
        """Send again what was sent on this line and not acknowledged in time."""
        while True:
            await asyncio.sleep(1)
            for turn in self.turns:
                if turn.may_go and turn.sent_at and monotonic() - turn.sent_at > _PATIENCE_S:
                    self._send(turn)


def key_headers(key: str) -> dict[str, str]:
    """This will give the headers of a program with an API key."""
    return {"Authorization": f"Bearer {key}"}


def session_headers(url: str, email: str, password: str) -> dict[str, str]:
    """This will sign in through the log-in page, as a browser does, and give its socket's headers."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"{url}accounts/login/"
    with browser.open(address, timeout=15) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    assert token is not None, "the log-in page has no form"
    form = urlencode({"login": email, "password": password, "csrfmiddlewaretoken": token[1]}).encode()
    origin = url.rstrip("/")
    request = urllib.request.Request(address, form, {"Referer": address, "Origin": origin})
    with browser.open(request, timeout=15) as page:
        page.read()
    cookie = next((c for c in jar if c.name == "olympus_session"), None)
    assert cookie is not None, "log-in failed"
    return {"Cookie": f"olympus_session={cookie.value}", "Origin": origin}
