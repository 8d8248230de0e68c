"""Keeps this process and the others of one mind about the servers, twice a second.

A thread does it, so that no loop waits for Valkey nor is kept from ending. Without Valkey each
process goes on with what it knows, and tells all of it once Valkey is back.
"""

import logging
import os
import threading
from functools import lru_cache
from uuid import UUID

import redis

from apps.inference.memory.noting import exchange_notes
from apps.inference.pool.exchange import VERSION, Exchange
from apps.inference.pool.pool import POOL
from apps.inference.pool.snapshots import forget_backends
from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

# Half of what a person, or a burst of calls, would notice.
_EVERY_S = 0.5
_FALLEN_OVER = (redis.RedisError, OSError)


def ensure_sharing() -> None:
    """This will start the exchange of this process, once; a process that was forked starts its own."""
    if os.getpid() not in _sharing:
        with _starting:
            if os.getpid() not in _sharing:
                _sharing.add(os.getpid())
                threading.Thread(target=_share_forever, name="pool-sharing", daemon=True).start()


def exchange_now() -> None:
    """This will exchange news at once, from a thread; without Valkey it does nothing."""
    try:
        with _exchanging:
            _exchange_of(os.getpid()).run()
    except _FALLEN_OVER:
        logger.info("Valkey does not answer; this process goes on with what it knows of the model servers")


def tell_of_change() -> None:
    """This will have every process read the providers' rows again; call it after the commit, from a thread."""
    forget_backends()
    try:
        valkey().incr(VERSION)
    except _FALLEN_OVER:
        logger.info("Valkey does not answer; other processes see the change of a model server within seconds")


def forget_server(provider_id: UUID) -> None:
    """This will forget, here and elsewhere, what was learned of a server that is another one now."""
    now = POOL.now()
    with POOL.lock:
        watched = POOL.watch(provider_id)
        watched.facts.start_anew(now)
        watched.look_again(now)
    exchange_now()


_starting = threading.Lock()
_exchanging = threading.Lock()
_sharing: set[int] = set()


@lru_cache(maxsize=1)
def _exchange_of(pid: int) -> Exchange:
    """Each process is one to the others; a fork is another."""
    return Exchange(POOL, valkey())


def _share_forever() -> None:
    pause = threading.Event()
    is_failing = False
    while not pause.wait(_EVERY_S):
        try:
            with _exchanging:
                _exchange_of(os.getpid()).run()
                exchange_notes(valkey())
            is_failing = False
        except _FALLEN_OVER:
            if not is_failing:
                logger.info("Valkey does not answer; this process goes on with what it knows of the model servers")
            is_failing = True
        except Exception:
            logger.exception("sharing what is known of the model servers failed; it is tried again")
