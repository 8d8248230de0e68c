"""What open pages are told of models on their way."""

from uuid import UUID

import msgspec


class ModelProgress(msgspec.Struct, tag="model.progress", kw_only=True):
    """How far a model is on its way to a server; sizes in bytes, null while nobody can tell."""

    id: UUID
    provider: UUID
    model: str
    kind: str
    state: str
    total: int | None
    done: int
    bytes_per_s: int | None
    seconds_left: int | None


class ModelsChanged(msgspec.Struct, tag="models.changed", kw_only=True):
    """A model came, went, or was loaded or unloaded on a server, or is open to others; lists are out of date."""

    provider: UUID | None = None
