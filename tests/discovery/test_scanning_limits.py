"""How fast and how much at once a scan works."""

import asyncio
import time

from apps.discovery.scanning.limits import Lanes, Limits, Rate


async def test_a_burst_goes_at_once_and_the_rest_by_the_second() -> None:
    rate = Rate(per_s=100, burst=5)

    waited = [await rate.take() for _ in range(10)]

    assert sum(wait == 0 for wait in waited) >= 5
    assert sum(wait > 0 for wait in waited) >= 3


async def test_those_who_wait_side_by_side_are_let_through_at_the_rate() -> None:
    rate, began = Rate(per_s=200, burst=1), time.perf_counter()

    await asyncio.gather(*(rate.take() for _ in range(21)))

    assert time.perf_counter() - began >= 0.09


async def test_a_host_takes_so_many_turns_and_others_are_not_held_up() -> None:
    lanes = Lanes(Limits(per_host=2, connections=3))
    at_once: dict[str, int] = {"a": 0, "b": 0}
    most = dict(at_once)

    async def work(host: str) -> None:
        async with lanes.turn(host):
            at_once[host] += 1
            most[host] = max(most[host], at_once[host])
            await asyncio.sleep(0.01)
            at_once[host] -= 1

    await asyncio.gather(*(work(host) for host in "aaaaabb"))

    assert most["a"] == 2
    assert most["b"] >= 1
