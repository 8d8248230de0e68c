"""The servers of each organization as they were read a moment ago."""

from collections.abc import Iterable
from time import monotonic
from uuid import UUID

from apps.inference.engine.names import model_key
from apps.inference.pool.backends import Backend

# A change is seen this soon, though no other process tells of it.
_FRESH_S = 1.0
# As long as Valkey says that nothing changed, rows are read again this often, in case a change went untold.
_CONFIRMED_S = 10.0


class Snapshot:
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

    def find(self, model_name: str) -> list[Backend]:
        """This will list who has the model; `provider/model` is one."""
        key = model_key(model_name)
        return self.by_name.get(key) or self.by_qualified.get(key, [])

    def is_fresh(self) -> bool:
        """This will tell whether it may be used without another look."""
        now = monotonic()
        return now - self.read_at < _FRESH_S or (
            now - self.confirmed_at < _FRESH_S and now - self.read_at < _CONFIRMED_S
        )


_kept: dict[UUID, Snapshot] = {}


def kept_snapshots() -> dict[UUID, Snapshot]:
    """This will give what was read since the last change, by organization.

    Take it before a read and put the result in: a read the change overtook then lands where nobody looks.
    """
    return _kept


def forget_backends() -> None:
    """This will have the rows read again for the next call."""
    global _kept
    _kept = {}


def confirm_backends() -> None:
    """This will let what was read count as seen again just now: nothing has changed."""
    now = monotonic()
    for snapshot in list(_kept.values()):
        snapshot.confirmed_at = now
