"""How much a scan may do at once, and how fast: bounds on work, on time and on the other side's patience."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a scan. Bursts let a look at this machine be done at once, and no more."""

    connections: int = 64
    loopback_per_s: float = 200.0
    loopback_burst: int = 64
    network_per_s: float = 20.0
    network_burst: int = 8
    per_host: int = 4
    body_bytes: int = 64 * 1024
    # Loopback answers or refuses within a millisecond; a network's host within a round trip, or it is not there.
    loopback_connect_s: float = 0.25
    network_connect_s: float = 0.5
    probe_s: float = 1.5
    target_s: float = 6.0
    resolve_s: float = 2.0


LIMITS = Limits()


class Rate:
    """Lets `per_s` through each second, and `burst` of them at once after a pause. Nobody overtakes."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._step_s = 1 / per_s
        self._ahead_s = burst / per_s
        self._next = 0.0

    async def take(self) -> float:
        """This will wait for a turn and return the seconds that it took."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now - self._ahead_s) + self._step_s
        wait_s = self._next - now
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        return max(wait_s, 0.0)

    def give_back(self) -> None:
        """This will let another go in the place of a turn that came to nothing."""
        self._next -= self._step_s


class Lanes:
    """The places in which work waits its turn: all of it, a host's, and by the second."""

    def __init__(self, limits: Limits) -> None:
        self._all = asyncio.Semaphore(limits.connections)
        self._hosts: defaultdict[object, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_host))
        self._loopback = Rate(limits.loopback_per_s, limits.loopback_burst)
        self._network = Rate(limits.network_per_s, limits.network_burst)

    async def connecting(self, *, is_loopback: bool) -> float:
        """This will wait until one more connection may be made, and return the seconds that it took."""
        return await (self._loopback if is_loopback else self._network).take()

    def came_to_nothing(self, *, is_loopback: bool) -> None:
        """This will take note that a port of this machine was closed, which cost nobody a connection."""
        if is_loopback:
            self._loopback.give_back()

    @asynccontextmanager
    async def turn(self, host: object) -> AsyncIterator[None]:
        """This will hold a turn at a host; of loopback, each port is a host of its own."""
        async with self._hosts[host], self._all:
            yield
