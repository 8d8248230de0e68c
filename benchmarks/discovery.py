"""A full scan of this machine: all fingerprints over 64 ports, with ordinary servers and with hostile ones among them.

python -m benchmarks.discovery [--rounds 7]

Beside each stands a naive look in the same run: one GET of every port at once, by the same library with the same time
for an answer, which tells that something is there and not what. Times are medians.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import aiohttp
import django

from apps.discovery.contracts import Candidate, ScanResult
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import LIMITS, scan
from tests.doubles.fleet.everything import PRODUCTS, attackers, ordinary, running
from tests.doubles.http_server import HttpServer

PORT_COUNT = 64
_INSTANCE = "0" * 24


def closed_ports(taken: Iterable[int], count: int) -> list[int]:
    """Ports where nothing listens, to fill up to what a scan of a machine looks at."""
    used = set(taken)
    return [port for port in range(20_000, 20_000 + 2 * PORT_COUNT) if port not in used][:count]


async def naive(ports: Iterable[int]) -> int:
    """One GET of each port at once; how many answered."""
    timeout = aiohttp.ClientTimeout(total=LIMITS.probe_s)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def one(port: int) -> bool:
            try:
                async with session.get(f"http://127.0.0.1:{port}/", allow_redirects=False) as response:
                    await response.content.read(LIMITS.body_bytes)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
                return False
            return True

        return sum(await asyncio.gather(*(one(port) for port in ports)))


async def whole(ports: Iterable[int]) -> ScanResult:
    """The product's own scan."""
    candidates = [Candidate(source="benchmark", host="127.0.0.1", port=port) for port in ports]
    return await scan(candidates, Policy(now=datetime.now(UTC)), instance=_INSTANCE)  # noqa: TID251 - an entrypoint


async def timed(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    """The median time of some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.2)
    return statistics.median(times)


async def measure(label: str, servers: Mapping[str, HttpServer], rounds: int, most_s: float) -> None:
    """Scan the servers and closed ports beside them, and print what it took and what was found."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(servers))
        names = {server.port: name for name, server in servers.items()}
        ports = [*names, *closed_ports(names, PORT_COUNT - len(names))]
        result = await whole(ports)
        scan_s = await timed(lambda: whole(ports), rounds)
        naive_s = await timed(lambda: naive(ports), rounds)
    found = {names[finding.port]: finding.kind for finding in result.findings}
    right = sum(found.get(name) is PRODUCTS[name][0] for name in servers if name in PRODUCTS)
    wrong = sum(kind is not PRODUCTS.get(name, (None,))[0] for name, kind in found.items())
    requests = sum(len(touched.requests) for touched in result.touched)
    print(
        f"{label:>9}: {len(ports)} ports, {len(names)} open, {requests} requests | scan {scan_s:.3f} s"
        f" (at most {most_s:g}), naive {naive_s:.3f} s, ratio {scan_s / naive_s:.1f}"
        f" | {right} of {sum(name in PRODUCTS for name in servers)} products told, {wrong} wrong"
    )


async def main(rounds: int) -> None:
    """Measure both."""
    await measure("ordinary", ordinary(), rounds, 1)
    await measure("hostile", ordinary() | attackers(), rounds, 4)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")
    django.setup()
    asyncio.run(main(arguments.rounds))
