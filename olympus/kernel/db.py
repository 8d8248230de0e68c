"""Database work from a running event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connections
from psycopg_pool import PoolTimeout

P = ParamSpec("P")
T = TypeVar("T")

# Django's own async ORM runs everything on one thread; four keep the connections
# few and the queue short, since each call is a handful of short statements.
_threads = ThreadPoolExecutor(4, thread_name_prefix="db")
# Whoever waited in vain for a connection spares those behind it the same wait; then one is let through again.
_SPARED_S = 1.0
# What Postgres says of itself rather than of a query: connection failures, no room, shutting down or starting.
_AWAY = ("08", "53", "57P")


def is_away(error: BaseException | None) -> bool:
    """This will tell whether an error says that the database cannot be reached, not that a query failed."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


class _Waits:
    """When a thread last waited for a connection in vain."""

    def __init__(self) -> None:
        self._until = 0.0

    def check(self) -> None:
        """This will fail at once while that was a moment ago.

        Raises:
            OperationalError
        """
        if monotonic() < self._until:
            raise OperationalError("the database did not answer a moment ago")

    def note(self, error: OperationalError) -> None:
        """This will remember a wait in vain; a query that failed was none."""
        if isinstance(error.__cause__, PoolTimeout):
            self._until = monotonic() + _SPARED_S


_waits = _Waits()


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """This will run blocking database work off the event loop and return its result.

    The thread gives its connection back to the pool when the work is done. While the database is away,
    who waits behind others fails as soon as they do.
    """
    context = copy_context()

    def run() -> T:
        try:
            _waits.check()
            return context.run(work, *args, **kwargs)
        except OperationalError as error:
            _waits.note(error)
            raise
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, run)


def connection_parameters() -> dict[str, Any]:
    """This will give psycopg's own parameters, for the few connections kept outside Django."""
    parameters = connections["default"].get_connection_params()
    unknown = {"cursor_factory", "context", "pool", "prepare_threshold"}
    return {name: value for name, value in parameters.items() if name not in unknown}
