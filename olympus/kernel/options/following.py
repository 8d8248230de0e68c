"""News of changed settings between processes: told through Valkey, and looked up in Postgres all the same."""

import logging
import os
import threading
import time

import redis
from django.db import DatabaseError, close_old_connections

from olympus.kernel.options import kept
from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

CHANNEL = "olympus:settings"
_AWAY = (redis.RedisError, OSError)
# Changes that come together are read together.
_DEBOUNCE_S = 0.05
# News may be lost with a connection; so much later it is known all the same.
_LOOK_EVERY_S = 5.0
# While Valkey is away the database is asked, as often as keeps the promise of a second.
_LOOK_ALONE_EVERY_S = 0.8

_thread: threading.Thread | None = None


def follow_settings() -> None:
    """This will keep the settings of this process fresh from now on; processes that last call it once."""
    global _thread
    if _thread is not None:
        return
    kept.be_told()
    _look()
    _thread = threading.Thread(target=_follow_forever, name="settings", daemon=True)
    _thread.start()


def tell_processes(name: str) -> None:
    """This will have all processes read the settings anew; who does not hear it reads them soon by itself."""
    try:
        valkey().publish(CHANNEL, name)
    except _AWAY:
        logger.info("Valkey does not answer; a changed setting is known elsewhere after a second")


def _follow_forever() -> None:
    while True:
        began_at = time.monotonic()
        try:
            _listen()
        except _AWAY as error:
            logger.info("no news of settings from Valkey (%s); the database is asked instead", error)
        _look()
        # A connection that lasted and broke is made again at once.
        time.sleep(max(0.0, began_at + _LOOK_ALONE_EVERY_S - time.monotonic()))


def _listen() -> None:
    with valkey().pubsub() as news:  # type: ignore[no-untyped-call]
        news.subscribe(CHANNEL)
        while True:
            # The first to come is Valkey's word that it listens: what changed before is looked up then.
            if news.get_message(timeout=_LOOK_EVERY_S) is not None:
                time.sleep(_DEBOUNCE_S)
                while news.get_message(timeout=0) is not None:
                    pass
            _look()


def _look() -> None:
    try:
        kept.refresh()
    except DatabaseError:
        logger.warning("settings cannot be read; what was known last holds")
    finally:
        close_old_connections()


def _forget_in_child() -> None:
    global _thread
    _thread = None


os.register_at_fork(after_in_child=_forget_in_child)
