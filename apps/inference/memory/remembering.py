"""What the decider keeps in Valkey between two decisions: how models were used, what it saw, what it decided."""

from collections.abc import Mapping
from hashlib import sha256
from time import time
from typing import Any, cast

import msgspec
import redis

from apps.inference.engine.memory.history import Uses
from apps.inference.memory.noting import CALLS, FLIGHTS, KEPT

_USES = "olympus:memory:uses"
_SEEN = "olympus:memory:seen"
# What nobody used for so long is told by nothing that was.
_USES_S = 30 * 24 * 3600
# Three missed decisions: whoever decides is away, and servers keep models as they like.
_DECIDED_S = 40
# A process that has said nothing for so long is gone, and its calls with it; a busy one tells twice a second.
_SILENT_S = 10.0


class Seen(msgspec.Struct):
    """A model in a server's memory as it was seen last, or one that is expected there; `hot` counts calls, one of an hour ago half."""

    model: str
    size_bytes: int
    until: float | None
    hot: float
    in_flight: int = 0
    is_held: bool = False
    is_loaded: bool = True
    used_at: float | None = None
    expected_at: float | None = None


class Event(msgspec.Struct, array_like=True):
    """A call that began (1) or ended (-1)."""

    provider: str
    model: str
    at: float
    step: int


Flights = dict[str, dict[str, int]]


def take_calls(client: "redis.Redis") -> tuple[list[Event], Flights]:
    """This will take what processes noted, in order, and count by provider and model what is under way."""
    pipeline = client.pipeline(transaction=True)
    pipeline.lrange(CALLS, 0, -1)
    pipeline.delete(CALLS)
    pipeline.hgetall(FLIGHTS)
    raw, _, told = pipeline.execute()
    events = [event for each in raw if (event := _read(each, Event)) is not None]
    flights: Flights = {}
    for process, each in told.items():
        said = _read(each, tuple[float, Flights])
        if said is None or time() - said[0] > _SILENT_S:
            client.hdel(FLIGHTS, process)
            continue
        for provider, models in said[1].items():
            of_provider = flights.setdefault(provider, {})
            for model, count in models.items():
                of_provider[model] = of_provider.get(model, 0) + count
    return sorted(events, key=lambda event: event.at), flights


def uses_of(client: "redis.Redis", address: str) -> Uses:
    """This will read how a server's models were used; nothing is known of a new one, or after a flush."""
    raw = cast("bytes | None", client.hget(_USES, _key(address)))
    return (_read(raw, Uses) if raw else None) or Uses()


def remember(
    client: "redis.Redis",
    uses: Mapping[str, Uses],
    seen: Mapping[str, list[Seen]],
    kept: Mapping[str, Mapping[str, float]],
) -> None:
    """This will keep what is known by address, what was seen and what is decided by provider."""
    pipeline = client.pipeline(transaction=False)
    for address, each in uses.items():
        pipeline.hset(_USES, _key(address), msgspec.json.encode(each))
    pipeline.expire(_USES, _USES_S)
    pipeline.set(_SEEN, msgspec.json.encode(seen), ex=_DECIDED_S)
    pipeline.set(KEPT, msgspec.json.encode(kept), ex=_DECIDED_S)
    pipeline.execute()


def forget_decisions(client: "redis.Redis") -> None:
    """This will leave memory to the servers; what was learned stays."""
    client.delete(KEPT, CALLS)


def seen_by_provider(client: "redis.Redis") -> dict[str, list[Seen]]:
    """This will tell what was in memory at the last look."""
    raw = cast("bytes | None", client.get(_SEEN))
    return (_read(raw, dict[str, list[Seen]]) if raw else None) or {}


def _key(address: str) -> str:
    """Addresses may hold a password; a digest does not."""
    return sha256(address.encode()).hexdigest()[:32]


def _read(raw: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except ValueError:  # of another version, or somebody else's
        return None
