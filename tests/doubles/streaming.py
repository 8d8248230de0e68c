"""Sends answers token by token at a rate, or flat out, and goes wrong where its script says so."""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl

from tests.doubles.http_server import Connection, Log

# A batch this large keeps the loop free for other streams while one is sent flat out.
_BATCH = 256
_DRIP_S = 0.02


@dataclass(frozen=True, slots=True)
class Script:
    """How a fake model answers.

    `rate` is in tokens a second, 0 is as fast as it goes. `pieces` are the tokens instead of
    text made from the prompt; `raw` are lines (of the wire, ended) instead of everything.
    `fault` happens once `fault_at` tokens are sent, or instead of an answer; see FAULTS.
    """

    tokens: int = 50
    rate: float = 0.0
    thinking: int = 0
    pieces: tuple[str, ...] | None = None
    raw: tuple[bytes, ...] | None = None
    tool_calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    delay_s: float = 0.0
    fault: str = ""
    fault_at: int = 0


FAULTS = {
    "cut": "the connection ends in the middle of the stream",
    "half_line": "the connection ends in the middle of a line",
    "eof": "the answer ends as HTTP should, but without its last line",
    "reset": "a TCP reset",
    "malformed": "a line that is not JSON",
    "error": "an error object as a line of the stream",
    "long_line": "a line of 10 MB",
    "silence": "nothing more is sent, the connection stays open",
    "drip": "single bytes of an endless line",
    "endless": "tokens without end",
}


def script_from_model(name: str, scripts: dict[str, Script], default: Script) -> Script:
    """This will find a model's script: by name, else from `name?tokens=100&rate=50&fault=cut&fault_at=10`."""
    if name in scripts:
        return scripts[name]
    base, _, query = name.partition("?")
    return script_with(scripts.get(base, default), dict(parse_qsl(query)))


def script_with(script: Script, values: dict[str, Any]) -> Script:
    """This will change a script by plain values, as they come from a query or a JSON body."""
    simple = {
        f.name: type(getattr(Script(), f.name)) for f in fields(Script) if f.name not in {"pieces", "raw", "tool_calls"}
    }
    changes: dict[str, Any] = {name: kind(values[name]) for name, kind in simple.items() if name in values}
    if values.get("pieces") is not None:
        changes["pieces"] = tuple(values["pieces"])
    return replace(script, **changes)


def chunk(data: bytes) -> bytes:
    """This will frame data as one chunk of a chunked answer."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


class Pacer:
    """One timer for all paced streams of a process."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Stream]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = 0.0

    def add(self, stream: "Stream", due: float) -> None:
        """This will call the stream's `tick` at a time of the loop's clock."""
        self._count += 1
        heapq.heappush(self._due, (due, self._count, stream))
        if self._timer is None or due < self._armed_for:
            self._arm(due)

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = due
        self._timer = asyncio.get_running_loop().call_at(due, self._run)

    def _run(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2].tick(now)
        if self._due and self._timer is None:
            self._arm(self._due[0][0])


class Stream:
    """One answer being sent: chunks, then `tail`, or a fault before that."""

    def __init__(
        self,
        connection: Connection,
        pacer: Pacer,
        log: Log,
        script: Script,
        chunks: Sequence[bytes],
        tail: bytes,
        *,
        model: str,
    ) -> None:
        self._connection = connection
        self._pacer = pacer
        self._log = log
        self._script = script
        self._chunks = chunks
        self._tail = tail
        self._model = model
        self._at = 0
        self._stop_at = min(script.fault_at, len(chunks)) if script.fault in FAULTS else len(chunks)
        self.fault_bytes = b""
        connection.busy = self

    def start(self, head: bytes) -> None:
        """This will send the head and go on by itself."""
        self._connection.send(head)
        loop = asyncio.get_running_loop()
        if self._script.rate:
            self._next_s = loop.time() + 1 / self._script.rate
            self._pacer.add(self, self._next_s)
        else:
            self.may_go_on()

    def tick(self, now: float) -> None:
        """This will send every token that is due."""
        if not self._connection.is_open:
            return
        if self._at >= self._stop_at:
            self._end()
            return
        step = 1 / self._script.rate
        count = min(1 + int((now - self._next_s) / step), self._stop_at - self._at)
        self._send(count)
        self._next_s += count * step
        self._pacer.add(self, self._next_s)

    def may_go_on(self) -> None:
        """This will send on, flat out, as far as the client reads."""
        if self._script.rate or not self._connection.is_open:
            return
        if self._at >= self._stop_at:
            self._end()
            return
        if self._connection.may_write:
            self._send(min(_BATCH, self._stop_at - self._at))
            asyncio.get_running_loop().call_soon(self._once_more)

    def _once_more(self) -> None:
        if self._connection.busy is self and self._connection.may_write:
            self.may_go_on()

    def client_left(self) -> None:
        """This will note that the client closed before the end."""
        self._log.disconnects.append(self._model)
        self._connection.busy = None

    def _send(self, count: int) -> None:
        piece = self._chunks[self._at] if count == 1 else b"".join(self._chunks[self._at : self._at + count])
        self._connection.send(piece)
        self._at += count
        self._log.sent_tokens += count

    def _end(self) -> None:
        fault = self._script.fault
        if fault in FAULTS:
            self._go_wrong(fault)
            return
        self._connection.send(self._tail)
        self._finish()

    def _finish(self) -> None:
        self._log.finished_count += 1
        self._connection.busy = None
        self._connection.take_request()

    def _go_wrong(self, fault: str) -> None:
        connection = self._connection
        if fault in {"cut", "half_line", "reset"}:
            connection.busy = None
            if fault == "half_line":
                next_chunk = self._chunks[min(self._at, len(self._chunks) - 1)]
                connection.send(next_chunk[: len(next_chunk) // 2])
            connection.reset() if fault == "reset" else connection.close()
        elif fault == "endless":
            self._at = 0
            self._stop_at = len(self._chunks)
            asyncio.get_running_loop().call_soon(self.may_go_on)
        elif fault == "drip":
            connection.send(b"100000\r\n")
            self._drip()
        elif fault != "silence":
            connection.send(self.fault_bytes + LAST_CHUNK)
            self._finish()

    def _drip(self) -> None:
        if self._connection.busy is self:
            self._connection.send(b"x")
            asyncio.get_running_loop().call_later(_DRIP_S, self._drip)
