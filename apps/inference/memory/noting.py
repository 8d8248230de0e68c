"""What calls to Ollama note, and how long each model is to stay: in this process, exchanged with Valkey twice a second.

A call appends to a queue and looks up a dictionary; it waits for nothing.
"""

import os
from collections import deque
from threading import Lock
from time import time
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import redis

# Lists of [provider, model, when, 1 or -1]: begun and ended calls nobody has looked at yet.
CALLS = "olympus:memory:calls"
# By process: when it told, and its calls under way by provider and model.
FLIGHTS = "olympus:memory:flights"
# Seconds by provider and model, -1 for ever; gone when nobody decides any more.
KEPT = "olympus:memory:kept"
# The decider reads every ten seconds; without one, what is older than this many calls tells little.
_MOST_CALLS = 50_000
_KEPT_S = 3600

_Note = tuple[UUID, str, float, int]
_exchanging = Lock()
_notes: deque[_Note] = deque(maxlen=_MOST_CALLS)
_under_way: dict[tuple[str, str], int] = {}
_kept: dict[str, dict[str, float]] = {}
_kept_raw: bytes | None = None
_process = ""


def note_begin(provider_id: UUID, model: str) -> None:
    """This will note that a call to a model began."""
    _notes.append((provider_id, model, time(), 1))


def note_end(provider_id: UUID, model: str) -> None:
    """This will note that it ended, however it did."""
    _notes.append((provider_id, model, time(), -1))


def keep_alive_for(provider_id: UUID, model: str) -> float | None:
    """This will tell how long a server is to keep a model after a call: -1 for ever, None as it likes."""
    of_provider = _kept.get(provider_id.hex)
    return of_provider.get(model) if of_provider else None


def exchange_notes(client: "redis.Redis") -> None:
    """This will tell of the calls since the last time and learn what was decided; call it from a thread.

    Raises:
        redis.RedisError, OSError: Valkey does not answer; servers then keep models as they like.
    """
    with _exchanging:
        _exchange(client)


def _exchange(client: "redis.Redis") -> None:
    global _process
    if not _process.startswith(f"{os.getpid()}-"):
        _process = f"{os.getpid()}-{uuid4().hex[:8]}"
        _under_way.clear()
    rows = _taken()
    try:
        pipeline = client.pipeline(transaction=False)
        if rows:
            pipeline.rpush(CALLS, *(msgspec.json.encode(row) for row in rows))
            pipeline.ltrim(CALLS, -_MOST_CALLS, -1)
            pipeline.expire(CALLS, _KEPT_S)
        if rows or _under_way:
            pipeline.hset(FLIGHTS, _process, msgspec.json.encode((time(), _flights())))
            pipeline.expire(FLIGHTS, _KEPT_S)
        pipeline.get(KEPT)
        _take_over(cast("bytes | None", pipeline.execute()[-1]))
    except (redis.RedisError, OSError):
        _take_over(None)
        raise


def _taken() -> list[list[Any]]:
    rows: list[list[Any]] = []
    while _notes:
        provider_id, model, at, step = _notes.popleft()
        key = provider_id.hex, model
        count = _under_way.get(key, 0) + step
        if count > 0:
            _under_way[key] = count
        else:
            _under_way.pop(key, None)
        rows.append([*key, at, step])
    return rows


def _flights() -> dict[str, dict[str, int]]:
    flights: dict[str, dict[str, int]] = {}
    for (provider, model), count in _under_way.items():
        flights.setdefault(provider, {})[model] = count
    return flights


def _take_over(raw: bytes | None) -> None:
    global _kept, _kept_raw
    if raw == _kept_raw:
        return
    try:
        _kept = msgspec.json.decode(raw, type=dict[str, dict[str, float]]) if raw else {}
    except ValueError:
        _kept = {}
    _kept_raw = raw
