"""What is kept for a moment: read once for many, behind the back of who asks all the time, and anew after a change."""

import asyncio
from collections.abc import Callable
from time import sleep

import pytest

from olympus.kernel.fresh import Fresh


class Store:
    """Counts how often it is read."""

    def __init__(self, *, takes_s: float = 0.0) -> None:
        self.reads: list[str] = []
        self.takes_s = takes_s
        self.is_away = False

    def read(self, key: str) -> int:
        self.reads.append(key)
        sleep(self.takes_s)
        if self.is_away:
            raise ConnectionError
        return len(self.reads)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be")


async def test_many_who_ask_at_once_cost_one_read() -> None:
    store = Store(takes_s=0.05)
    fresh = Fresh(store.read)

    values = await asyncio.gather(*(fresh.get("a") for _ in range(50)), fresh.get("b"))

    assert sorted(store.reads) == ["a", "b"]
    assert len(set(values[:50])) == 1


async def test_what_is_half_as_old_as_it_may_be_is_given_at_once_and_read_again() -> None:
    store = Store()
    fresh = Fresh(store.read, max_age_s=60.0)
    first = await fresh.get("a")
    kept = fresh._kept["a"]
    fresh._kept["a"] = type(kept)(kept.value, kept.read_at - 40)

    second = await fresh.get("a")
    await until(lambda: fresh.last("a") == 2)

    assert (first, second) == (1, 1)


async def test_what_was_changed_is_read_anew() -> None:
    store = Store()
    fresh = Fresh(store.read, max_age_s=60.0)
    await fresh.get("a")

    fresh.forget("a")

    assert fresh.last("a") is None
    assert await fresh.get("a") == 2


async def test_a_read_that_a_change_overtook_is_kept_for_nobody() -> None:
    store = Store(takes_s=0.05)
    fresh = Fresh(store.read, max_age_s=60.0)
    overtaken = asyncio.create_task(fresh.get("a"))
    await until(lambda: store.reads == ["a"])

    fresh.forget("a")

    assert await fresh.get("a") == 2
    await overtaken
    assert fresh.last("a") == 2


async def test_a_store_that_is_away_is_told_to_who_must_wait_for_it_and_what_was_known_stays() -> None:
    store = Store()
    fresh = Fresh(store.read, max_age_s=0.0)
    await fresh.get("a")
    store.is_away = True

    with pytest.raises(ConnectionError):
        await fresh.get("a")

    assert fresh.last("a") == 1


async def test_one_who_gives_up_leaves_the_read_to_the_others() -> None:
    store = Store(takes_s=0.05)
    fresh = Fresh(store.read)
    impatient, patient = (asyncio.create_task(fresh.get("a")) for _ in range(2))
    await asyncio.sleep(0)

    impatient.cancel()

    assert await patient == 1


def test_a_thread_reads_for_itself_and_only_what_is_too_old() -> None:
    store = Store()
    fresh = Fresh(store.read, max_age_s=60.0)

    values = [fresh.get_here("a"), fresh.get_here("a")]
    fresh.forget()
    values.append(fresh.get_here("a"))

    assert values == [1, 1, 2]


def test_more_keys_than_are_kept_begin_anew() -> None:
    store = Store()
    fresh = Fresh(store.read, max_age_s=60.0, most=3)

    for number in range(10):
        fresh.get_here(str(number))

    assert len(fresh._kept) <= 3
    assert fresh.last("9") == 10
