"""The cache, which must not take the sign-in page down with it."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

_FALLEN_OVER = (redis.RedisError, OSError)
# A Valkey that hangs costs a whole time-out a call, and a sign-in makes many: it is not asked again for a while.
_PAUSE_S = 3.0
_down_until: dict[str, float] = {}


class SteadyCache(RedisCache):
    """Valkey, and this process's own memory while Valkey does not answer.

    What is kept here may be lost (rate limits, above all). A limit that is counted by each
    process for some minutes still slows a guesser down; a sign-in page that fails helps nobody.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._address = server
        self._meanwhile = LocMemCache("olympus-meanwhile", params)

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        own: Callable[..., Any] = getattr(super(), name)
        if monotonic() >= _down_until.get(self._address, 0.0):
            try:
                return own(*args, **kwargs)
            except _FALLEN_OVER:
                _down_until[self._address] = monotonic() + _PAUSE_S
                logger.warning("Valkey does not answer; the cache is this process's memory meanwhile")
        return getattr(self._meanwhile, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Store unless there."""
        return bool(self._call("add", *args, **kwargs))

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Read one value."""
        return self._call("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Store one value."""
        self._call("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Prolong one value."""
        return bool(self._call("touch", *args, **kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Remove one value."""
        return bool(self._call("delete", *args, **kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Read several values."""
        found: dict[str, Any] = self._call("get_many", *args, **kwargs)
        return found

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Tell whether there is a value."""
        return bool(self._call("has_key", *args, **kwargs))

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Count up."""
        return int(self._call("incr", *args, **kwargs))

    def set_many(self, *args: Any, **kwargs: Any) -> list[str]:
        """Store several values."""
        failed: list[str] = self._call("set_many", *args, **kwargs)
        return failed

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        """Remove several values."""
        self._call("delete_many", *args, **kwargs)

    def clear(self) -> None:
        """Remove everything, here and there."""
        self._meanwhile.clear()
        self._call("clear")
