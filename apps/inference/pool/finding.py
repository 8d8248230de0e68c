"""Which servers have a model: what a call asks first, almost never waiting for it."""

import asyncio
import logging
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from apps.inference.pool.backends import Backend, stored_backends
from apps.inference.pool.sharing import ensure_sharing
from apps.inference.pool.snapshots import Snapshot, kept_snapshots
from olympus.kernel.db import in_thread

logger = logging.getLogger(__name__)

_Reading = tuple[dict[UUID, Snapshot], "asyncio.Task[Snapshot]"]
_reading: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[UUID, _Reading]] = WeakKeyDictionary()


async def backends_of(organization_id: UUID, model_name: str, provider_id: UUID | None = None) -> list[Backend]:
    """This will list the organization's enabled servers that have the model, in the order they were added.

    `model_name` is found with and without `:latest`; `provider/model` and `provider_id` each
    name one server. The rows are at most a second old; the database is seldom waited for. While it is
    away, those read last stand.

    Raises:
        DatabaseError: it is away, and there are none.
    """
    ensure_sharing()
    snapshot = kept_snapshots().get(organization_id)
    if snapshot is None or not snapshot.is_fresh():
        snapshot = await _read_again(organization_id, snapshot)
    found = snapshot.find(model_name)
    if provider_id is None:
        return list(found)
    return [backend for backend in found if backend.provider_id == provider_id]


async def _read_again(organization_id: UUID, last: Snapshot | None) -> Snapshot:
    """Read the rows, once for all who wait, also where that fails; a read that a change overtook is nobody's any more."""
    kept = kept_snapshots()
    reading = _reading.setdefault(asyncio.get_running_loop(), {})
    begun = reading.get(organization_id)
    if begun is None or begun[0] is not kept or begun[1].done():
        begun = reading[organization_id] = kept, asyncio.create_task(_read(organization_id, kept))
        begun[1].add_done_callback(lambda task: task.cancelled() or task.exception())  # all who asked may be gone
    try:
        # The rows are everybody's: whoever goes away must not end the reading for the others.
        return await asyncio.shield(begun[1])
    except DatabaseError as error:
        if last is None:
            raise
        logger.warning("the model servers known last stand; the database does not answer: %s", type(error).__name__)
        return last


async def _read(organization_id: UUID, kept: dict[UUID, Snapshot]) -> Snapshot:
    snapshot = kept[organization_id] = Snapshot(await in_thread(stored_backends, organization_id))
    return snapshot
