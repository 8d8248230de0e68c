"""What holds for an organization's cache now: the owner's settings and its generation, read at most once a second."""

import asyncio
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import msgspec
from django.db import DatabaseError

from apps.inference import options
from apps.inference.caching.bounded import AWAY, availability
from olympus.kernel.db import in_thread
from olympus.kernel.models import Setting
from olympus.kernel.options import Option
from olympus.kernel.valkey import valkey

# A setting that was changed, or a cache that was emptied by another process, is known after this at the latest.
_FRESH_S = 1.0
# Older than this is not used at all: the process was not asked for a while.
_USABLE_S = 5.0
_DECLARED: tuple[Option, ...] = (
    options.CACHE_EXACT,
    options.CACHE_TTL_S,
    options.CACHE_SHARED,
    options.CACHE_SEMANTIC,
    options.CACHE_THRESHOLD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRules:
    """The owner's settings."""

    is_exact: bool
    ttl_s: int
    is_shared: bool
    is_semantic: bool
    threshold: float


@dataclass(frozen=True, slots=True)
class Standing:
    """The settings, and the number that goes up with each emptying."""

    rules: CacheRules
    generation: str


_known: dict[UUID, tuple[float, Standing]] = {}
_reading: set[asyncio.Task[Standing]] = set()


async def standing_of(organization_id: UUID) -> Standing | None:
    """This will tell what holds, from memory while that is fresh; None if it cannot be known."""
    read_at, standing = _known.get(organization_id, (0.0, None))
    age_s = monotonic() - read_at
    if standing is not None and age_s < _FRESH_S:
        return standing
    if standing is not None and age_s < _USABLE_S:
        _known[organization_id] = (read_at + _FRESH_S, standing)  # one reader at a time
        task = asyncio.create_task(_read(organization_id))
        _reading.add(task)
        task.add_done_callback(_read_over)
        return standing
    try:
        return await _read(organization_id)
    except DatabaseError:
        return None


def forget_standing(organization_id: UUID) -> None:
    """This will have what holds read anew by this process at once."""
    _known.pop(organization_id, None)


def rules_now() -> CacheRules:
    """This will read the owner's settings, in one query."""
    stored = dict(Setting.objects.filter(pk__in=[option.name for option in _DECLARED]).values_list("name", "value"))
    exact, ttl_s, shared, semantic, threshold = (
        msgspec.convert(stored.get(option.name, option.default), option.kind) for option in _DECLARED
    )
    return CacheRules(is_exact=exact, ttl_s=ttl_s, is_shared=shared, is_semantic=semantic, threshold=threshold)


def next_generation(organization_id: UUID) -> None:
    """This will make all that is kept unfindable.

    Raises:
        redis.RedisError, OSError: Valkey is away.
    """
    valkey().incr(_generation_key(organization_id))
    forget_standing(organization_id)


async def _read(organization_id: UUID) -> Standing:
    standing = await in_thread(_read_now, organization_id)
    _known[organization_id] = (monotonic(), standing)
    return standing


def _read_now(organization_id: UUID) -> Standing:
    return Standing(rules_now(), _generation(organization_id))


def _generation(organization_id: UUID) -> str:
    if availability.is_up:
        try:
            return bytes(valkey().get(_generation_key(organization_id)) or b"0").decode()
        except AWAY:
            availability.failed("nothing is found in the cache")
    known = _known.get(organization_id)
    return known[1].generation if known else "0"


def _generation_key(organization_id: UUID) -> str:
    return f"cache:generation:{organization_id.hex}"


def _read_over(task: "asyncio.Task[Standing]") -> None:
    """What could not be read now is read in a second; the old holds meanwhile."""
    _reading.discard(task)
    if not task.cancelled():
        task.exception()
