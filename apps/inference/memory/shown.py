"""What is in the memory of an organization's servers, as the last decision saw it: for pages, programs and Prometheus."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import redis

from apps.inference.memory.noting import keep_alive_for
from apps.inference.memory.remembering import Seen, seen_by_provider
from apps.inference.models import MemoryPin, Provider
from apps.inference.options import MEMORY_MANAGER
from apps.inference.selectors import providers_in_use
from olympus.kernel.metrics import register_measure
from olympus.kernel.options import option_value
from olympus.kernel.valkey import valkey


@dataclass(frozen=True, slots=True)
class ModelMemory:
    """A model in a server's memory, one that is expected there, or one that is pinned there.

    `hot` counts its calls, one of an hour ago half. It goes at `until` if nobody calls; None: never, or it is not
    loaded. `is_held`: whoever runs the server pinned it there. `keep_alive_s` is what calls say: -1 for ever, None
    leaves it to the server. `pin_id` is set where it is pinned here. The next call is expected from `expected_at` on.
    """

    provider_id: UUID
    provider_name: str
    model: str
    is_loaded: bool
    size_bytes: int
    hot: float
    in_flight: int
    used_at: datetime | None
    expected_at: datetime | None
    until: datetime | None
    is_held: bool
    keep_alive_s: int | None
    pin_id: UUID | None

    @property
    def is_pinned(self) -> bool:
        """Whether it stays whatever is asked."""
        return self.pin_id is not None


def memory_of(organization_id: UUID) -> list[ModelMemory]:
    """This will list what is in the memory of the organization's Ollama servers, what is expected there and what is
    pinned, by server and name.

    At most some ten seconds old; without Valkey or a worker it is what is pinned alone. No server is asked.
    """
    rows = Provider.objects.filter(organization_id=organization_id, is_enabled=True, kind="ollama").order_by("name")
    return memory_on(organization_id, rows.only("id", "name"))


def memory_on(organization_id: UUID, providers: Iterable[Provider]) -> list[ModelMemory]:
    """This will list the same of these servers of the organization; one query for the pins."""
    pins = {(pin.provider_id, pin.model): pin.pk for pin in MemoryPin.objects.filter(organization_id=organization_id)}
    seen = _seen()
    return [
        _shown(provider, name, of_provider.get(name), pins.get((provider.pk, name)))
        for provider in providers
        for of_provider in ({each.model: each for each in seen.get(provider.pk.hex, ())},)
        for name in sorted(of_provider.keys() | {model for owner, model in pins if owner == provider.pk})
    ]


def is_memory_managed() -> bool:
    """This will tell whether Olympus chooses how long models stay in memory."""
    return bool(option_value(MEMORY_MANAGER))


def register() -> None:
    """This will have memory measured when `/metrics` is read; call it in `ready()`."""
    names = ("provider", "model")
    register_measure("olympus_memory_bytes", "Memory a loaded model takes on its server.", names, _sizes)
    register_measure("olympus_memory_hot", "Calls of a loaded model; one of an hour ago counts half.", names, _heat)


def _seen() -> dict[str, list[Seen]]:
    try:
        return seen_by_provider(valkey())
    except (redis.RedisError, OSError):
        return {}


def _shown(provider: Provider, name: str, seen: Seen | None, pin_id: UUID | None) -> ModelMemory:
    keep_s = keep_alive_for(provider.pk, name)
    return ModelMemory(
        provider_id=provider.pk,
        provider_name=provider.name,
        model=name,
        is_loaded=bool(seen and seen.is_loaded),
        size_bytes=seen.size_bytes if seen else 0,
        hot=seen.hot if seen else 0.0,
        in_flight=seen.in_flight if seen else 0,
        used_at=_time(seen.used_at) if seen else None,
        expected_at=_time(seen.expected_at) if seen else None,
        until=_time(seen.until) if seen else None,
        is_held=bool(seen and seen.is_held and pin_id is None),
        keep_alive_s=None if keep_s is None else round(keep_s),
        pin_id=pin_id,
    )


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _sizes() -> Iterable[tuple[tuple[str, ...], float]]:
    return [(names, float(seen.size_bytes)) for names, seen in _loaded()]


def _heat() -> Iterable[tuple[tuple[str, ...], float]]:
    return [(names, seen.hot) for names, seen in _loaded()]


def _loaded() -> list[tuple[tuple[str, str], Seen]]:
    seen = seen_by_provider(valkey())
    return [
        ((p.name, each.model), each) for p in providers_in_use() for each in seen.get(p.pk.hex, ()) if each.is_loaded
    ]
