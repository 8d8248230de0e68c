"""Which servers have a model, from rows read a moment ago."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID
from weakref import WeakKeyDictionary

from apps.inference.clients import builtin_client, client_of_provider
from apps.inference.contracts import Capability, ModelClient, ModelInfo, ProviderKind
from apps.inference.engine.names import model_key
from apps.inference.models import Provider
from apps.inference.selectors import BUILTIN, context_length_of, enabled_providers
from olympus.kernel.db import in_thread

# A change is seen this soon, though no other process tells of it.
_FRESH_S = 1.0
# As long as Valkey says that nothing changed, rows are read again this often, in case a change went untold.
_CONFIRMED_S = 10.0
_NUMBER = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Backend:
    """One server that has a model. `info.name` is how this server calls it; no provider means the built-in engine."""

    provider_id: UUID | None
    name: str
    kind: ProviderKind
    base_url: str
    info: ModelInfo
    priority: int
    weight: int
    context_length: int
    number: int
    is_loaded: bool
    _make: Callable[[], ModelClient] = field(repr=False)

    @property
    def client(self) -> ModelClient:
        """The client that speaks to it; it holds no connection.

        Raises:
            Undecipherable: the stored key cannot be read.
        """
        return self._make()


class _Snapshot:
    """An organization's backends by name, as the rows were at `read_at`."""

    def __init__(self, backends: Iterable[Backend]) -> None:
        self.read_at = self.confirmed_at = monotonic()
        self.by_name: dict[str, list[Backend]] = {}
        self.by_qualified: dict[str, list[Backend]] = {}
        for backend in backends:
            key = model_key(backend.info.name)
            same = self.by_name.setdefault(key, [])
            if all(each.provider_id != backend.provider_id for each in same):
                same.append(backend)
                self.by_qualified[f"{backend.name}/{key}"] = [backend]

    def is_fresh(self) -> bool:
        now = monotonic()
        return now - self.read_at < _FRESH_S or (
            now - self.confirmed_at < _FRESH_S and now - self.read_at < _CONFIRMED_S
        )


_snapshots: dict[UUID, _Snapshot] = {}
_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, asyncio.Lock]] = WeakKeyDictionary()


async def backends_of(organization_id: UUID, model_name: str, provider_id: UUID | None = None) -> list[Backend]:
    """This will list the organization's enabled servers that have the model, in the order they were added.

    `model_name` is found with and without `:latest`; `provider/model` and `provider_id` each
    name one server. Waits for the database at most once in a while.
    """
    snapshot = _snapshots.get(organization_id)
    if snapshot is None or not snapshot.is_fresh():
        snapshot = await _read_once(organization_id)
    key = model_key(model_name)
    found = snapshot.by_name.get(key) or snapshot.by_qualified.get(key, [])
    if provider_id is None:
        return list(found)
    return [backend for backend in found if backend.provider_id == provider_id]


def forget_backends(*_: object, **__: object) -> None:
    """This will have the rows read again for the next call."""
    _snapshots.clear()


def confirm_backends() -> None:
    """This will let what was read count as seen again just now: nothing has changed."""
    now = monotonic()
    for snapshot in list(_snapshots.values()):
        snapshot.confirmed_at = now


async def _read_once(organization_id: UUID) -> _Snapshot:
    """Read the rows, one caller for all who wait."""
    lock = _locks.setdefault(asyncio.get_running_loop(), {}).setdefault(organization_id, asyncio.Lock())
    async with lock:
        snapshot = _snapshots.get(organization_id)
        if snapshot is None or not snapshot.is_fresh():
            snapshot = _snapshots[organization_id] = _Snapshot(await in_thread(_read, organization_id))
        return snapshot


def _read(organization_id: UUID) -> list[Backend]:
    found = [_backend(provider, info) for provider in enabled_providers(organization_id) for info in provider.infos]
    return [*found, _builtin(is_alone=not any(Capability.CHAT in each.info.capabilities for each in found))]


def _backend(provider: Provider, info: ModelInfo) -> Backend:
    kind = ProviderKind(provider.kind)
    context_length = context_length_of(provider, info)
    return Backend(
        provider_id=provider.pk,
        name=provider.name,
        kind=kind,
        base_url=provider.base_url,
        info=info,
        priority=provider.priority,
        weight=provider.weight,
        context_length=context_length,
        number=provider.pk.int & _NUMBER,
        is_loaded=info.is_loaded or kind is not ProviderKind.OLLAMA,
        _make=lambda: client_of_provider(provider, context_length=context_length),
    )


def _builtin(*, is_alone: bool) -> Backend:
    return Backend(
        provider_id=None,
        name=BUILTIN.provider_name,
        kind=BUILTIN.kind,
        base_url="",
        info=ModelInfo(BUILTIN.model, BUILTIN.capabilities, BUILTIN.context_length),
        priority=0,
        weight=1,
        context_length=BUILTIN.context_length,
        number=0,
        is_loaded=True,
        _make=lambda: builtin_client(is_another_model_connected=not is_alone),
    )
