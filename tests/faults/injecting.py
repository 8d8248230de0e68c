"""The faults: what can be broken while answers stream, and how fast words come again after it."""

import asyncio
import random
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from time import monotonic, time
from typing import Any

import redis

from tests.faults.relay import Relay
from tests.faults.world import ModelServer, valkey, wait_until_ready
from tests.support.socket import SocketClient
from tests.support.stack import Stack


class Fault(StrEnum):
    """What is broken."""

    CUT_SOCKET = "cut a client's socket"
    CUT_UPSTREAM = "cut the model server's stream"
    HUSH_UPSTREAM = "silence the model server"
    BAD_UPSTREAM = "have the model server answer wrongly"
    STOP_ANSWER = "stop an answer"
    FLUSH_VALKEY = "flush Valkey"
    KILL_VALKEY = "kill -9 Valkey"
    KILL_WEB = "kill -9 web"
    KILL_WORKER = "kill -9 worker"
    KILL_POSTGRES = "kill -9 Postgres"


# Of a hundred. Networks break far more often than servers; killed processes need seconds to return.
WEIGHTS = {
    Fault.CUT_SOCKET: 50,
    Fault.CUT_UPSTREAM: 14,
    Fault.HUSH_UPSTREAM: 4,
    Fault.BAD_UPSTREAM: 8,
    Fault.STOP_ANSWER: 6,
    Fault.FLUSH_VALKEY: 6,
    Fault.KILL_VALKEY: 3,
    Fault.KILL_WEB: 3,
    Fault.KILL_WORKER: 3,
    Fault.KILL_POSTGRES: 3,
}
KILLED = {
    Fault.KILL_VALKEY: "valkey",
    Fault.KILL_WEB: "web",
    Fault.KILL_WORKER: "worker",
    Fault.KILL_POSTGRES: "postgres",
}
BAD_ANSWERS = ("500", "429", "503", "reset", "cut", "half_line", "eof", "malformed", "error", "close_at_once", "html")
_HUSH_S = 2.0
_RECOVERY_LIMIT_S = 60.0


def plan_faults(count: int, rng: random.Random, kinds: Sequence[Fault] = tuple(Fault)) -> list[Fault]:
    """This will choose the faults and their order; every kind comes at least once."""
    plan = [*kinds, *rng.choices(kinds, [WEIGHTS[kind] for kind in kinds], k=max(0, count - len(kinds)))]
    rng.shuffle(plan)
    return plan[:count]


@dataclass
class Times:
    """How often each fault was done, and what came after: seconds until a live word, until ready again."""

    done: Counter[Fault] = field(default_factory=Counter)
    to_next_word_s: dict[Fault, list[float]] = field(default_factory=dict)
    to_ready_s: dict[Fault, list[float]] = field(default_factory=dict)


def spread(values: list[float]) -> str:
    """This will say median, p95 and longest in milliseconds."""
    if not values:
        return "-"
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return (
        f"median {statistics.median(ordered) * 1000:,.0f}, p95 {p95 * 1000:,.0f}, longest {ordered[-1] * 1000:,.0f} ms"
    )


class Injector:
    """Breaks things on a running stack; `hear` must be told of everything clients hear."""

    def __init__(self, stack: Stack, relay: Relay, models: ModelServer, rng: random.Random) -> None:
        self._stack, self._relay, self._models, self._rng = stack, relay, models, rng
        self._probes: list[tuple[float, asyncio.Event]] = []
        self._busy: dict[Fault, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.times = Times()
        self.clients: list[SocketClient] = []

    def hear(self, _: SocketClient, event: dict[str, Any]) -> None:
        """This will notice words that were written after a fault."""
        if not self._probes or event["type"] != "token":
            return
        written = datetime.fromisoformat(event["metadata"]["timestamp"]).timestamp()
        for after, arrived in self._probes:
            if written > after:
                arrived.set()

    async def inject(self, fault: Fault) -> None:
        """This will do one fault; a process that is still coming back is waited for before it is killed again."""
        if fault in self._busy:
            await self._busy[fault]
        if not await self._ways()[fault]():
            return
        self.times.done[fault] += 1
        if fault in KILLED or fault is Fault.FLUSH_VALKEY:
            self._spawn(self._time_next_word(fault, time()))

    async def rest(self) -> None:
        """This will wait until everything broken has come back."""
        await asyncio.gather(*self._busy.values())
        self._models.play()
        await asyncio.to_thread(wait_until_ready, self._stack)

    async def close(self) -> None:
        """This will end what still measures."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ways(self) -> dict[Fault, Callable[[], Awaitable[bool]]]:
        def killing(fault: Fault) -> Callable[[], Awaitable[bool]]:
            return lambda: self._kill(fault)

        return {
            Fault.CUT_SOCKET: self._cut_socket,
            Fault.CUT_UPSTREAM: self._cut_upstream,
            Fault.HUSH_UPSTREAM: self._hush_upstream,
            Fault.BAD_UPSTREAM: self._spoil_answers,
            Fault.STOP_ANSWER: self._stop_answer,
            Fault.FLUSH_VALKEY: self._flush,
            **{fault: killing(fault) for fault in KILLED},
        }

    async def _cut_socket(self) -> bool:
        open_clients = [client for client in self.clients if client.is_open]
        if not open_clients:
            return False
        self._rng.choice(open_clients).cut()
        return True

    async def _cut_upstream(self) -> bool:
        return self._relay.cut(self._rng)

    async def _hush_upstream(self) -> bool:
        self._spawn(self._relay.hush(self._rng, _HUSH_S))
        return True

    async def _spoil_answers(self) -> bool:
        """For a short while every answer that begins goes wrong."""
        fault, at = self._rng.choice(BAD_ANSWERS), self._rng.randrange(self._models.tokens)
        await asyncio.to_thread(self._models.play, fault=fault, fault_at=at)
        await asyncio.sleep(0.15)
        await asyncio.to_thread(self._models.play)
        return True

    async def _stop_answer(self) -> bool:
        running = [
            (client, turn)
            for client in self.clients
            for turn in client.turns
            if client.is_open and turn.run is not None and not turn.run.is_over
        ]
        if not running:
            return False
        client, turn = self._rng.choice(running)
        client.stop(turn)
        return True

    async def _flush(self) -> bool:
        def flush() -> bool:
            with suppress(redis.RedisError, OSError), valkey(self._stack) as store:
                store.flushall()
                return True
            return False

        return await asyncio.to_thread(flush)

    async def _kill(self, fault: Fault) -> bool:
        try:
            pid = self._stack.kill(KILLED[fault])
        except ProcessLookupError:  # another fault's victim is not yet back in run.json
            return False
        self._busy[fault] = asyncio.create_task(self._time_return(fault, pid, monotonic()))
        return True

    async def _time_return(self, fault: Fault, pid: int, began: float) -> None:
        await asyncio.to_thread(self._stack.wait_until_replaced, KILLED[fault], pid, timeout_s=_RECOVERY_LIMIT_S)
        await asyncio.to_thread(wait_until_ready, self._stack, timeout_s=_RECOVERY_LIMIT_S)
        self.times.to_ready_s.setdefault(fault, []).append(monotonic() - began)

    async def _time_next_word(self, fault: Fault, after: float) -> None:
        probe = (after, asyncio.Event())
        began = monotonic()
        self._probes.append(probe)
        try:
            await probe[1].wait()
            self.times.to_next_word_s.setdefault(fault, []).append(monotonic() - began)
        finally:
            self._probes.remove(probe)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
