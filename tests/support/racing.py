"""Two who change the same row at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")
_PATIENCE_S = 5.0
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def behind(first: Callable[[], object], second: Callable[[], T]) -> T:
    """Do `second` while `first` is not committed yet; once it waits for that, or is over, commit, and give its result."""

    def do() -> T:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first()
            future = threads.submit(do)
            _until_it_waits(future)
        return future.result(_PATIENCE_S)


def _until_it_waits(future: "Future[T]") -> None:
    end = monotonic() + _PATIENCE_S
    while not future.done() and monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            if cursor.fetchone()[0]:
                return
        sleep(0.01)
