"""What is asked of the database for nearly every request, kept for a moment."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from olympus.kernel.errors import OlympusError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Enough for the keys and models in use within a second; past it everything is forgotten at once.
_MOST = 2048


class Briefly(Generic[K, V]):
    """Answers kept for `keep_s`; who asks for the same meanwhile waits for the same answer. One event loop's own."""

    def __init__(self, ask: Callable[[K], Coroutine[Any, Any, V]], *, keep_s: float = 1.0) -> None:
        self._ask = ask
        self._keep_s = keep_s
        self._kept: dict[K, tuple[float, asyncio.Task[V]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, key: K) -> V:
        """This will return the answer for a key, an error of Olympus as well; other errors are not kept."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._kept.clear()
            self._loop = loop
        now = loop.time()
        kept = self._kept.get(key)
        if kept is None or kept[0] <= now or _failed(kept[1]):
            if len(self._kept) >= _MOST:
                self._kept.clear()
            kept = now + self._keep_s, loop.create_task(self._ask(key))
            self._kept[key] = kept
        task = kept[1]
        # The answer is everybody's: whoever goes away must not end it for the others.
        return task.result() if task.done() else await asyncio.shield(task)


def _failed(task: "asyncio.Task[V]") -> bool:
    if not task.done():
        return False
    return task.cancelled() or not isinstance(task.exception(), OlympusError | None)
