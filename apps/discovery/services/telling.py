"""Telling open pages of owners and administrators, several changes of a moment at once."""

from threading import Lock, Timer
from uuid import UUID

from django.db import transaction

from apps.accounts.facade import administrators_of
from apps.discovery.events import DiscoveryChanged, DiscoveryProgress
from olympus.kernel.broadcast import tell_user

# A scan that finds twenty services writes them within this; a person does not notice it.
_GATHER_S = 0.2

_lock = Lock()
_due: set[UUID] = set()


def tell_after_commit(organization_id: UUID) -> None:
    """This will tell the organization's open pages that something changed, once the transaction commits."""
    transaction.on_commit(lambda: _gather(organization_id))


def tell_progress(people: list[UUID], progress: DiscoveryProgress) -> None:
    """This will tell these people how far a scan is."""
    for user_id in people:
        tell_user(user_id, progress)


def _gather(organization_id: UUID) -> None:
    people = administrators_of(organization_id)
    with _lock:
        is_first = not _due
        _due.update(people)
    if is_first and people:
        timer = Timer(_GATHER_S, _tell)
        timer.daemon = True
        timer.start()


def _tell() -> None:
    with _lock:
        people = set(_due)
        _due.clear()
    for user_id in people:
        tell_user(user_id, DiscoveryChanged())
