"""Database work from a running event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

# Django's own async ORM runs everything on one thread; four keep the connections
# few and the queue short, since each call is a handful of short statements.
_threads = ThreadPoolExecutor(4, thread_name_prefix="db")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """This will run blocking database work off the event loop and return its result.

    The thread gives its connection back to the pool when the work is done.
    """
    context = copy_context()

    def run() -> T:
        try:
            return context.run(work, *args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, run)
