"""Rare messages to open pages over the channel layer: notifications, presence, configuration.

Answers do not travel here: a channel-layer message a token is the ceiling of the design.
"""

import logging
from typing import Any
from uuid import UUID

import msgspec
import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)


def user_group(user_id: UUID) -> str:
    """This will name the channel-layer group of all open sockets of a person."""
    return f"user.{user_id.hex}"


def tell_user_after_commit(user_id: UUID, event: msgspec.Struct) -> None:
    """This will send an event to every open socket of the person once the transaction commits."""
    transaction.on_commit(lambda: tell_user(user_id, event))


def tell_user(user_id: UUID, event: msgspec.Struct) -> None:
    """This will send an event to every open socket of the person, now.

    Valkey being down loses the message and nothing else: pages reload what they missed.
    """
    message: dict[str, Any] = {"type": "live.event", "frame": msgspec.json.encode(event).decode()}
    try:
        async_to_sync(get_channel_layer().group_send)(user_group(user_id), message)
    except (redis.RedisError, OSError):
        logger.warning("could not reach open pages", extra={"user_id": str(user_id)})
