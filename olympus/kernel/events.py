"""News between apps: told after commit, upward, never as an import."""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

logger = logging.getLogger(__name__)
E = TypeVar("E")
_subscribers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[E], subscriber: Callable[[E], None]) -> None:
    """This will call `subscriber` with each event of the type; call it in `ready()`."""
    if subscriber not in _subscribers[event_type]:
        _subscribers[event_type].append(subscriber)


def publish_after_commit(event: object) -> None:
    """This will tell every subscriber once the transaction around the call has committed.

    A subscriber that fails is logged and does not keep the others from hearing.
    """
    transaction.on_commit(lambda: _deliver(event))


def _deliver(event: object) -> None:
    for subscriber in _subscribers[type(event)]:
        try:
            subscriber(event)
        except Exception:
            logger.exception("subscriber failed", extra={"event": type(event).__name__})
