"""Cached answers through the gateway: how many a second, how soon, where the time goes, and how often a cache helps.

python -m benchmarks.cache [--seconds 5] [--only path,profile,wire,zipf] [--processes 1,2]

`path` calls the cache and the whole gateway without a network; `profile` tells where that time goes by part;
`wire` asks web processes of a real bin/up over HTTP; `zipf` repeats questions as people do. The programs that ask
share this machine's cores with what they ask.
"""

import argparse
import asyncio
import bisect
import cProfile
import itertools
import os
import pstats
import random
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from benchmarks.gateway import connect, fake_openai, set_pace
from benchmarks.programs import Door
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
PHASES = ("path", "profile", "wire", "zipf")
# A part of the program and the folders its functions lie in, the first that fits.
_PARTS = (
    ("cache: key, look-up, replay", ("inference/caching", "calling/caching", "engine/cache_keys")),
    (
        "charging and ledger",
        ("accounts/ledger", "calling/charging", "calling/bill", "engine/pricing", "engine/estimating"),
    ),
    ("rate limits", ("accounts/rates", "gateway/limits")),
    ("gateway: parse, write", ("apps/gateway",)),
    ("metrics", ("prometheus_client", "kernel/metrics")),
    ("event loop", ("asyncio", "uvloop")),
    ("database, in threads", ("psycopg", "django/db")),
)
_DISTINCT = 1000
_QUESTIONS = 4000


@dataclass
class Seen:
    """What came back."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    loop_s: float = 0.0
    all_s: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.seconds

    def p(self, share: float) -> float:
        """A percentile of the latency, in ms."""
        ordered = sorted(self.latencies_s) or [float("nan")]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def line(self) -> str:
        """Rate and latency."""
        return (
            f"{self.rate:>8,.0f} answers/s  p50 {self.p(0.5):.2f} ms  p95 {self.p(0.95):.2f} ms  {self.errors} errors"
        )


def body_of(prompt: str) -> bytes:
    """A request that may be answered from the cache."""
    return msgspec.json.encode({"model": "fake", "messages": [{"role": "user", "content": prompt}]})


class Asker(asyncio.Protocol):
    """One kept connection that asks again as soon as it is answered: a few microseconds of Python an answer."""

    def __init__(self, next_request: Callable[[], bytes | None], seen: Seen, done: "asyncio.Future[None]") -> None:
        self._next, self._seen, self._done = next_request, seen, done
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Read a whole answer by its content-length."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(_header(head, b"content-length") or 0):
            return
        self._buffer = b""
        self._seen.latencies_s.append(time.perf_counter() - self._sent_at)
        self._seen.found[_header(head, b"x-olympus-cache").decode()] += 1
        self._seen.errors += not head.startswith(b"HTTP/1.1 200")
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, or broke."""
        if not self._done.done():
            self._seen.errors += 1
            self._done.set_result(None)

    def _ask(self) -> None:
        request = self._next()
        if request is None:
            self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def _header(head: bytes, name: bytes) -> bytes:
    at = head.find(b"\r\n" + name + b": ")
    return head[at + len(name) + 4 :].partition(b"\r\n")[0] if at >= 0 else b""


def request_to(door: Door, body: bytes) -> bytes:
    """The bytes of one POST."""
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {door.key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask_over_wire(ports: Sequence[int], requests: Callable[[], bytes | None], *, connections: int) -> Seen:
    """Ask the web processes from so many connections, spread evenly, until there is nothing more to ask."""
    loop, seen = asyncio.get_running_loop(), Seen()
    done = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    for number, future in enumerate(done):
        asker = Asker(requests, seen, future)
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", ports[number % len(ports)])
    await asyncio.gather(*done)
    seen.seconds = time.perf_counter() - started
    return seen


def for_seconds(seconds: float, requests: Sequence[bytes]) -> Callable[[], bytes | None]:
    """Requests in turn until the time is over."""
    end, turn = time.perf_counter() + seconds, itertools.cycle(requests)
    return lambda: next(turn) if time.perf_counter() < end else None


@contextmanager
def more_processes(stack: Stack, count: int) -> Iterator[list[int]]:
    """Further web processes of the same Olympus, as behind a load balancer; yields all their ports."""
    run = stack.run_file()
    ports, started = [stack.port], []
    for _ in range(count - 1):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
        command = [sys.executable, "-m", "olympus.runtime.web", "--port", str(ports[-1])]
        started.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **stack.env, **run["env"]}))
    try:
        for port in ports:
            _wait_for(port)
        yield ports
    finally:
        for process in started:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("a web process did not start")


def over_the_wire(stack: Stack, door: Door, counts: Sequence[int], seconds: float) -> None:
    """Answers a second by web processes and connections."""
    requests = [request_to(door, body_of(f"Repeated question {number}")) for number in range(50)]
    with more_processes(stack, max(counts)) as ports:
        for port in ports:
            uvloop.run(ask_over_wire([port], iter([*requests, *requests, None]).__next__, connections=1))
        for count in counts:
            for connections in (1, 16 * count):
                asked = for_seconds(seconds, requests)
                seen = uvloop.run(ask_over_wire(ports[:count], asked, connections=connections))
                found = seen.found["exact"] / max(1, seen.found.total())
                print(
                    f"wire, {count} process(es), {connections:>3} connections: {seen.line()}  {found:.1%} cached",
                    flush=True,
                )


def zipf(stack: Stack, door: Door) -> None:
    """Questions whose n-th is asked as often as 1/n of the first, before and after the cache has warmed up."""
    weights = list(itertools.accumulate(1 / rank for rank in range(1, _DISTINCT + 1)))
    chance = random.Random(7)
    requests = [request_to(door, body_of(f"Zipf question {number}")) for number in range(_DISTINCT)]

    def one() -> bytes:
        return requests[bisect.bisect(weights, chance.random() * weights[-1])]

    for name, count in (("cold", _QUESTIONS // 3), ("warm", _QUESTIONS)):
        asked: Iterator[bytes | None] = iter([*(one() for _ in range(count)), *[None] * 16])
        seen = uvloop.run(ask_over_wire([stack.port], asked.__next__, connections=16))
        hits = seen.found["exact"] / max(1, seen.found.total())
        print(f"zipf over {_DISTINCT} questions, {name}: {hits:.1%} found  {seen.line()}", flush=True)


def print_parts(profile: cProfile.Profile, answers: int) -> None:
    """Own time of every function, by the part it belongs to; the profile itself about doubles all of it."""
    parts: dict[str, float] = defaultdict(float)
    for (file, _line, _name), (_calls, _, own_s, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        parts[
            next((name for name, places in _PARTS if any(place in file for place in places)), "else, C functions")
        ] += own_s
    total = sum(parts.values())
    for name, own_s in sorted(parts.items(), key=lambda pair: -pair[1]):
        print(f"  {own_s / total:>6.1%}  {own_s / answers * 1e6:>6.1f} us  {name}")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--only", type=lambda text: text.split(","), default=PHASES)
    parser.add_argument("--processes", type=lambda text: [int(each) for each in text.split(",")], default=[1, 2])
    arguments = parser.parse_args()
    if {"path", "profile"} & set(arguments.only):
        only = ",".join({"path", "profile"} & set(arguments.only))
        # A process of its own: it brings its own stores, and settings are read once a process.
        inside = [sys.executable, "-m", "benchmarks.cache_inside", "--seconds", str(arguments.seconds), "--only", only]
        subprocess.run(inside, cwd=ROOT, check=True)
    if {"wire", "zipf"} & set(arguments.only):
        with ExitStack() as open_things:
            fake = open_things.enter_context(fake_openai())
            stack = open_things.enter_context(Stack())
            door = connect(stack, fake)
            set_pace(fake, rate=0, tokens=50)
            if "wire" in arguments.only:
                over_the_wire(stack, door, arguments.processes, arguments.seconds)
            if "zipf" in arguments.only:
                zipf(stack, door)


if __name__ == "__main__":
    main()
