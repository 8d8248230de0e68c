"""Database work from a running event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections, connections

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


def connection_parameters() -> dict[str, Any]:
    """This will give psycopg's own parameters, for the few connections kept outside Django."""
    parameters = connections["default"].get_connection_params()
    unknown = {"cursor_factory", "context", "pool", "prepare_threshold"}
    return {name: value for name, value in parameters.items() if name not in unknown}
