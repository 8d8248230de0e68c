"""Rare messages to open pages over the channel layer: notifications, presence, configuration.

Answers do not travel here: a channel-layer message a token is the ceiling of the design.
"""

import logging
from uuid import UUID

import msgspec
import redis
from channels.layers import get_channel_layer
from django.db import transaction

from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

LIVE_EVENT = "live.event"


def user_group(user_id: UUID) -> str:
    """This will name the channel-layer group of all open sockets of a person."""
    return f"user.{user_id.hex}"


def tell_user_after_commit(user_id: UUID, event: msgspec.Struct) -> None:
    """This will send an event to every open socket of the person once the transaction commits."""
    transaction.on_commit(lambda: tell_user(user_id, event))


def tell_user(user_id: UUID, event: msgspec.Struct) -> None:
    """This will send an event to every open socket of the person, now, from a thread.

    Published as the channel layer's `group_send` does it, over the process's own client:
    `async_to_sync` would open an event loop and a connection for each message. Valkey
    being down loses the message and nothing else: pages reload what they missed.
    """
    message = {"type": LIVE_EVENT, "frame": msgspec.json.encode(event).decode()}
    layer = get_channel_layer()
    try:
        valkey().publish(f"asgi__group__{user_group(user_id)}", layer.serialize(message))
    except (redis.RedisError, OSError):
        logger.warning("could not reach open pages of %s", user_id)
