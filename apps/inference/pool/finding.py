"""Which servers have a model: what a call asks first, almost never waiting for it."""

import asyncio
from uuid import UUID
from weakref import WeakKeyDictionary

from apps.inference.pool.backends import Backend, stored_backends
from apps.inference.pool.sharing import ensure_sharing
from apps.inference.pool.snapshots import Snapshot, kept_snapshots
from olympus.kernel.db import in_thread

_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, asyncio.Lock]] = WeakKeyDictionary()


async def backends_of(organization_id: UUID, model_name: str, provider_id: UUID | None = None) -> list[Backend]:
    """This will list the organization's enabled servers that have the model, in the order they were added.

    `model_name` is found with and without `:latest`; `provider/model` and `provider_id` each
    name one server. The rows are at most a second old; the database is seldom waited for.
    """
    ensure_sharing()
    snapshot = kept_snapshots().get(organization_id)
    if snapshot is None or not snapshot.is_fresh():
        snapshot = await _read_once(organization_id)
    found = snapshot.find(model_name)
    if provider_id is None:
        return list(found)
    return [backend for backend in found if backend.provider_id == provider_id]


async def _read_once(organization_id: UUID) -> Snapshot:
    """Read the rows, one caller for all who wait."""
    lock = _locks.setdefault(asyncio.get_running_loop(), {}).setdefault(organization_id, asyncio.Lock())
    async with lock:
        kept = kept_snapshots()
        snapshot = kept.get(organization_id)
        if snapshot is None or not snapshot.is_fresh():
            snapshot = kept[organization_id] = Snapshot(await in_thread(stored_backends, organization_id))
        return snapshot
