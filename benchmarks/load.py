"""Load on a chat: clients that ask, listen and ask again, over Olympus's socket or straight at the model server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

import aiohttp
import msgspec


@dataclass
class Figures:
    """What the clients of one phase saw; times are of `time.perf_counter`, in seconds."""

    started: float
    ended: float = 0.0
    token_count: int = 0
    turn_count: int = 0
    error_count: int = 0
    first_tokens_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)

    def saw(self, asked: float, token_count: int, now: float, previous: float | None) -> None:
        """Note tokens that arrived."""
        self.token_count += token_count
        if previous is None:
            self.first_tokens_s.append(now - asked)
        else:
            self.gaps_s.append(now - previous)

    @property
    def tokens_per_s(self) -> float:
        """Tokens a second over the whole phase."""
        return self.token_count / (self.ended - self.started)


class Asker(Protocol):
    """One client with its own connection."""

    async def ask(self, prompt: str, figures: Figures, is_open: Callable[[], bool]) -> None:
        """Ask and listen to the end of the answer; stop counting when the phase is over."""


class _Metadata(msgspec.Struct):
    run_id: str = ""
    token_count: int = 0


class _Event(msgspec.Struct):
    type: str
    id: str | None = None
    run_id: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


_decode_event = msgspec.json.Decoder(_Event).decode


class SocketAsker:
    """A page's WebSocket on Olympus."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def ask(self, prompt: str, figures: Figures, is_open: Callable[[], bool]) -> None:
        """Send a message in a new conversation and read its run to the end."""
        frame_id, run_id, seen, previous = uuid4().hex, "", 0, None
        asked = time.perf_counter()
        await self._socket.send_str(msgspec.json.encode({"type": "chat.send", "id": frame_id, "text": prompt}).decode())
        async for message in self._socket:
            event = _decode_event(message.data)
            now = time.perf_counter()
            if event.type == "ack" and event.id == frame_id:
                run_id = event.run_id
            elif event.metadata.run_id != run_id or not run_id:
                figures.error_count += event.type == "error"
                continue
            elif event.type in {"token", "snapshot"}:
                if is_open():
                    figures.saw(asked, event.metadata.token_count - seen, now, previous)
                seen, previous = event.metadata.token_count, now
            elif event.type in {"complete", "error"}:
                figures.turn_count += 1
                figures.error_count += event.type == "error"
                return
        figures.error_count += 1


class DirectAsker:
    """A program that calls the model server itself."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def ask(self, prompt: str, figures: Figures, is_open: Callable[[], bool]) -> None:
        """Call Ollama's /api/chat and read the stream to the end."""
        asked, previous = time.perf_counter(), None
        body = {"model": "fake:latest", "stream": True, "messages": [{"role": "user", "content": prompt}]}
        async with self._session.post(f"{self._url}/api/chat", json=body) as answer:
            async for chunk in answer.content.iter_any():
                now = time.perf_counter()
                token_count = chunk.count(b'"done":false')
                if token_count and is_open():
                    figures.saw(asked, token_count, now, previous)
                if token_count:
                    previous = now
        figures.turn_count += 1


Connect = Callable[[], Awaitable[Asker]]


async def sustained(connect: Connect, *, streams: int, seconds: float, answer_s: float) -> Figures:
    """This will keep `streams` clients asking for `seconds`, their starts spread over one answer.

    The spread and one more answer pass before counting begins, so that what is counted is
    the steady state: as many streams, at all stages of their answers.
    """
    askers = [await connect() for _ in range(streams)]
    over = asyncio.Event()
    figures = Figures(started=float("inf"))

    def is_open() -> bool:
        return time.perf_counter() >= figures.started and not over.is_set()

    async def client(number: int, asker: Asker) -> None:
        await asyncio.sleep(answer_s * number / streams)
        turn = 0
        while not over.is_set():
            turn += 1
            await asker.ask(f"Question {number} of round {turn}", figures, is_open)

    tasks = [asyncio.create_task(client(number, asker)) for number, asker in enumerate(askers)]
    await asyncio.sleep(answer_s * 1.5)
    figures.started = time.perf_counter()
    await asyncio.sleep(seconds)
    figures.ended = time.perf_counter()
    over.set()
    await asyncio.wait(tasks, timeout=answer_s * 3 + 10)
    figures.error_count += sum(not task.done() or task.exception() is not None for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return figures


async def burst(connect: Connect, *, streams: int) -> Figures:
    """This will let all clients ask one question at the same moment and wait for every answer."""
    askers = [await connect() for _ in range(streams)]
    figures = Figures(started=time.perf_counter())
    await asyncio.gather(*(a.ask(f"Question {n} of the burst", figures, lambda: True) for n, a in enumerate(askers)))
    figures.ended = time.perf_counter()
    return figures


@asynccontextmanager
async def direct_askers(url: str) -> AsyncIterator[Connect]:
    """Clients straight at the model server."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), read_bufsize=2**18) as session:

        async def connect() -> Asker:
            return DirectAsker(session, url)

        yield connect


@asynccontextmanager
async def socket_askers(url: str, cookies: list[str]) -> AsyncIterator[Connect]:
    """Sockets of signed-in people, in turn."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        opened: list[aiohttp.ClientWebSocketResponse] = []

        async def connect() -> Asker:
            headers = {"Cookie": cookies[len(opened) % len(cookies)], "Origin": url.rstrip("/")}
            socket = await session.ws_connect(f"{url}ws/", headers=headers, max_msg_size=2**24)
            opened.append(socket)
            await socket.receive()
            return SocketAsker(socket)

        yield connect
        await asyncio.gather(*(socket.close() for socket in opened))
