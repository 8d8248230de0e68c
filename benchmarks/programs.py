"""Programs that ask for chat completions over HTTP, one door like the other."""

import asyncio
import itertools
import re
import time
from dataclasses import dataclass, field

import aiohttp
import msgspec
import psutil

_FIRST_WORD = re.compile(rb'"content": ?"[^"]')
_numbers = itertools.count()


@dataclass(frozen=True)
class Door:
    """Where a program asks: the model server itself, or what stands before it."""

    name: str
    url: str
    key: str = "none"
    pid: int = 0

    def cpu_s(self) -> float:
        """CPU seconds of the process behind the door and its children: what it costs, however busy the machine is."""
        if not self.pid:
            return 0.0
        process = psutil.Process(self.pid)
        times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}


@dataclass
class Seen:
    """What the programs of one phase saw."""

    seconds: float = 0.0
    answer_count: int = 0
    token_count: int = 0
    error_count: int = 0
    cpu_s: float = 0.0
    first_tokens_s: list[float] = field(default_factory=list)

    def p(self, share: float) -> float:
        """The first token's percentile in ms."""
        ordered = sorted(self.first_tokens_s) or [float("nan")]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def _body(*, stream: bool) -> bytes:
    """A request no cache has seen."""
    prompt = f"Question {next(_numbers)} at {time.time_ns()}"
    return msgspec.json.encode({"model": "fake", "stream": stream, "messages": [{"role": "user", "content": prompt}]})


async def stream_one(session: aiohttp.ClientSession, door: Door, seen: Seen, *, tokens: int) -> None:
    """Ask for a stream and read it to its end."""
    asked, first, tail = time.perf_counter(), 0.0, b""
    async with session.post(
        f"{door.url}/v1/chat/completions", data=_body(stream=True), headers=door.headers()
    ) as answer:
        async for piece in answer.content.iter_any():
            if not first and _FIRST_WORD.search(piece):
                first = time.perf_counter() - asked
            tail = (tail + piece)[-64:]
    if answer.status != 200 or b"[DONE]" not in tail:
        seen.error_count += 1
        return
    seen.answer_count += 1
    seen.token_count += tokens
    if first:
        seen.first_tokens_s.append(first)


async def ask_one(session: aiohttp.ClientSession, door: Door, seen: Seen) -> None:
    """Ask for a whole answer."""
    async with session.post(
        f"{door.url}/v1/chat/completions", data=_body(stream=False), headers=door.headers()
    ) as answer:
        await answer.read()
    seen.answer_count += answer.status == 200
    seen.error_count += answer.status != 200


async def streaming(
    session: aiohttp.ClientSession, door: Door, *, streams: int, seconds: float, tokens: int, spread_s: float = 0.0
) -> Seen:
    """This will keep so many programs streaming for that long, their starts spread over `spread_s`."""
    seen = Seen()
    end = time.perf_counter() + seconds + spread_s

    async def program(number: int) -> None:
        await asyncio.sleep(spread_s * number / streams)
        while time.perf_counter() < end:
            await stream_one(session, door, seen, tokens=tokens)

    started, cpu = time.perf_counter(), door.cpu_s()
    await asyncio.gather(*(program(number) for number in range(streams)))
    seen.seconds, seen.cpu_s = time.perf_counter() - started, door.cpu_s() - cpu
    return seen


async def asking(session: aiohttp.ClientSession, door: Door, *, programs: int, seconds: float, count: int = 0) -> Seen:
    """This will let so many programs ask for whole answers for that long, or until `count` were given."""
    seen = Seen()
    end = time.perf_counter() + seconds

    async def program() -> None:
        while time.perf_counter() < end and (not count or seen.answer_count + seen.error_count < count):
            await ask_one(session, door, seen)

    started, cpu = time.perf_counter(), door.cpu_s()
    await asyncio.gather(*(program() for _ in range(programs)))
    seen.seconds, seen.cpu_s = time.perf_counter() - started, door.cpu_s() - cpu
    return seen
