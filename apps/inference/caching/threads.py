"""Where the cache speaks to Valkey: a few threads of its own, and little patience."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from apps.inference.caching.bounded import availability

T = TypeVar("T")

# Blocking redis-py in a thread costs half the CPU of its asyncio client, and no connection belongs to a loop.
_threads = ThreadPoolExecutor(4, thread_name_prefix="cache")
# A look-up takes a fraction of a millisecond; one that takes this long, on a machine with far too much to do or
# while Valkey hangs, costs more than it can save.
_PATIENCE_S = 0.5


async def in_cache_thread(work: Callable[[], T], otherwise: T) -> T:
    """This will run blocking work with Valkey off the loop; `otherwise` if Valkey is away or slow."""
    if not availability.is_up:
        return otherwise
    future = asyncio.get_running_loop().run_in_executor(_threads, work)
    try:
        return await asyncio.wait_for(asyncio.shield(future), _PATIENCE_S)
    except TimeoutError:
        return otherwise


def soon(work: Callable[[], object]) -> None:
    """This will run blocking work with Valkey some time soon; nobody waits for it."""
    _threads.submit(work)
