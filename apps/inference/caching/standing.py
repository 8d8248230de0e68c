"""What holds for an organization's cache now: the owner's settings, and its generation, read at most once a second."""

from dataclasses import dataclass
from uuid import UUID

from apps.inference import options
from apps.inference.caching.bounded import AWAY, availability
from olympus.kernel.fresh import Fresh
from olympus.kernel.options import option_value
from olympus.kernel.valkey import valkey

# A cache that was emptied by another process is known to be after this at the latest.
_FRESH_S = 1.0


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


async def standing_of(organization_id: UUID) -> Standing:
    """This will tell what holds, from memory while that is fresh."""
    return Standing(rules_now(), await _generations.get(organization_id))


def forget_standing(organization_id: UUID) -> None:
    """This will have an emptied cache known to this process at once."""
    _generations.forget(organization_id)


def rules_now() -> CacheRules:
    """This will tell the owner's settings."""
    return CacheRules(
        is_exact=option_value(options.CACHE_EXACT),
        ttl_s=option_value(options.CACHE_TTL_S),
        is_shared=option_value(options.CACHE_SHARED),
        is_semantic=option_value(options.CACHE_SEMANTIC),
        threshold=option_value(options.CACHE_THRESHOLD),
    )


def next_generation(organization_id: UUID) -> None:
    """This will make all that is kept unfindable.

    Raises:
        redis.RedisError, OSError: Valkey is away.
    """
    valkey().incr(_generation_key(organization_id))
    forget_standing(organization_id)


def _generation(organization_id: UUID) -> str:
    if availability.is_up:
        try:
            return str(int(valkey().get(_generation_key(organization_id)) or 0))
        except AWAY:
            availability.failed("nothing is found in the cache")
    return _generations.last(organization_id) or "0"


def _generation_key(organization_id: UUID) -> str:
    return f"cache:generation:{organization_id.hex}"


_generations: Fresh[UUID, str] = Fresh(_generation, max_age_s=_FRESH_S)
