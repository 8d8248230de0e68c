"""Clients of Valkey, which carries only what may be lost."""

from functools import cache

import redis
from django.conf import settings
from redis import asyncio as aioredis

# A command that takes longer than this finds Valkey down; nothing may wait for it.
_TIMEOUT_S = 2.0


@cache
def valkey() -> redis.Redis:
    """This will give the process's blocking client, for use in threads."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


def async_valkey(*, may_block: bool = False) -> aioredis.Redis:
    """This will make a client for one event loop; `may_block` is for reads that wait for news."""
    return aioredis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=None if may_block else _TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
    )
