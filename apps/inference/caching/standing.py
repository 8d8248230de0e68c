"""What holds for an organization's cache now: the owner's settings and its generation, read at most once a second."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import DatabaseError

from apps.inference import options
from apps.inference.caching.bounded import AWAY, availability
from olympus.kernel.fresh import Fresh
from olympus.kernel.models import Setting
from olympus.kernel.options import Option
from olympus.kernel.valkey import valkey

# A setting that was changed, or a cache that was emptied by another process, is known after this at the latest.
_FRESH_S = 1.0
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


async def standing_of(organization_id: UUID) -> Standing | None:
    """This will tell what holds, from memory while that is fresh; None if it cannot be known."""
    try:
        return await _standings.get(organization_id)
    except DatabaseError:
        return _standings.last(organization_id)


def forget_standing(organization_id: UUID) -> None:
    """This will have what holds read anew by this process at once."""
    _standings.forget(organization_id)


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


def _read(organization_id: UUID) -> Standing:
    return Standing(rules_now(), _generation(organization_id))


def _generation(organization_id: UUID) -> str:
    if availability.is_up:
        try:
            return str(int(valkey().get(_generation_key(organization_id)) or 0))
        except AWAY:
            availability.failed("nothing is found in the cache")
    known = _standings.last(organization_id)
    return known.generation if known else "0"


def _generation_key(organization_id: UUID) -> str:
    return f"cache:generation:{organization_id.hex}"


_standings: Fresh[UUID, Standing] = Fresh(_read, max_age_s=_FRESH_S)
