"""Vectors that were computed before, by organization, model and text; bounded, and forgotten after a day."""

from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from uuid import UUID

from apps.inference.caching.bounded import BoundedStore
from apps.inference.caching.threads import in_cache_thread, soon

_NAME = "cache:vectors"
# Some 14,000 vectors of 384 numbers, of the 256 MB that the Valkey of Olympus has for everything.
_MOST_BYTES = 28 * 1024 * 1024
_KEEP_S = 24 * 3600
# A vector longer than any model makes is not kept: one call of such would push all others out.
_MOST_DIMENSION = 8192

Vector = tuple[float, ...]


@cache
def vector_store() -> BoundedStore:
    """This will give the process's door to the vectors in Valkey."""
    return BoundedStore(_NAME, most_bytes=_MOST_BYTES)


async def known_vectors(organization_id: UUID, model: str, texts: Sequence[str]) -> list[Vector | None]:
    """This will find the vectors of texts, in order; None where there is none."""
    nothing: list[Vector | None] = [None] * len(texts)

    def find() -> list[Vector | None]:
        found = vector_store().get([_member(organization_id, model, text) for text in texts])
        return [_unpacked(content) for content in found]

    return await in_cache_thread(find, nothing)


def keep_vectors(organization_id: UUID, model: str, vectors: Mapping[str, Vector]) -> None:
    """This will keep vectors by their text, soon."""

    def keep() -> None:
        payloads = {
            _member(organization_id, model, text): array("f", vector).tobytes()
            for text, vector in vectors.items()
            if len(vector) <= _MOST_DIMENSION
        }
        vector_store().put(payloads, keep_s=_KEEP_S)

    soon(keep)


def _member(organization_id: UUID, model: str, text: str) -> str:
    digest = blake2b(f"{model}\0{text}".encode(), digest_size=20).hexdigest()
    return f"{organization_id.hex}:{digest}"


def _unpacked(content: bytes | None) -> Vector | None:
    if content is None or len(content) % 4:
        return None
    vector = array("f")
    vector.frombytes(content)
    return tuple(vector)
