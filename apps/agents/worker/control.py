"""How a stop reaches the worker within milliseconds; the database's flag is the sure way behind it."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import redis
from redis import RedisError

from olympus.kernel.ids import parse_uuid
from olympus.kernel.valkey import async_valkey, valkey

_CHANNEL = "runs.stop"
_RETRY_S = 0.5


def tell_workers_to_stop(run_id: UUID) -> None:
    """This will ask whichever worker holds the run to stop it; losing the message costs half a second."""
    try:
        valkey().publish(_CHANNEL, run_id.hex)
    except (redis.RedisError, OSError):
        return


async def listen_for_stops(stop: Callable[[UUID], None]) -> None:
    """This will call `stop` with each run to be stopped, until cancelled."""
    while True:
        client = async_valkey(may_block=True)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as subscription:
                await subscription.subscribe(_CHANNEL)
                async for message in subscription.listen():
                    if run_id := parse_uuid(message["data"].decode()):
                        stop(run_id)
        except (RedisError, OSError):
            await asyncio.sleep(_RETRY_S)
        finally:
            await client.aclose()
