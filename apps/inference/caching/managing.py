"""What an owner sees and does about kept answers: how often they help, how many there are, emptying, the settings."""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.facade import default_organization_id
from apps.inference import options
from apps.inference.access import require_administrator
from apps.inference.caching.bounded import AWAY, availability
from apps.inference.caching.exact import answer_store, forget_near_answers
from apps.inference.caching.semantic import forget_all, kept_count
from apps.inference.caching.standing import CacheRules, next_generation, rules_now
from apps.inference.caching.tally import Tally, tally_of
from apps.inference.embedding.vectors import vector_store
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, Unavailable
from olympus.kernel.options import change_option


class CacheAway(Unavailable):
    """Valkey, where answers are kept, does not answer. Try again in a moment."""

    code = "cache_away"


@dataclass(frozen=True, slots=True)
class CacheNumbers:
    """How much the cache helped an organization in the last seven days, and what it holds."""

    rules: CacheRules
    tally: Tally
    answer_count: int
    similar_count: int
    vector_count: int
    size_bytes: int
    is_up: bool


def cache_numbers(organization_id: UUID) -> CacheNumbers:
    """This will tell how often answers were found and how many are kept; zeros while Valkey is away."""
    answers, vectors = answer_store().size(organization_id), vector_store().size(organization_id)
    return CacheNumbers(
        rules=rules_now(),
        tally=tally_of(organization_id),
        answer_count=answers.entry_count,
        similar_count=kept_count(organization_id, timezone.now()),
        vector_count=vectors.entry_count,
        size_bytes=answers.size_bytes + vectors.size_bytes,
        is_up=availability.is_up,
    )


def numbers_for(actor: Actor) -> CacheNumbers:
    """This will tell an administrator of their organization's cache.

    Raises:
        Denied
    """
    require_administrator(actor)
    return cache_numbers(actor.organization_id)


def empty_cache(actor: Actor) -> int:
    """This will forget all answers and vectors of the actor's organization and tell how many that were.

    Other processes give none of them any more after a second at the latest.

    Raises:
        Denied
        CacheAway: Valkey does not answer.
    """
    require_administrator(actor)
    organization_id = actor.organization_id
    try:
        next_generation(organization_id)
        count = answer_store().empty(organization_id) + vector_store().empty(organization_id)
    except AWAY as error:
        raise CacheAway from error
    forget_near_answers()
    with transaction.atomic():
        count += forget_all(organization_id)
        audit.record("cache.empty", actor=actor, count=count)
    return count


def may_change_rules(actor: Actor) -> bool:
    """This will tell whether the actor may change the settings, which hold for all of Olympus."""
    return actor.may_administer and actor.organization_id == default_organization_id()


@transaction.atomic
def change_rules(actor: Actor, rules: CacheRules) -> None:
    """This will change the settings; every process goes by them after a second at the latest.

    Raises:
        Denied: the actor does not administer Olympus itself.
        Invalid: a number is out of range.
    """
    if not may_change_rules(actor):
        raise Denied(_("Only an owner or administrator of Olympus itself may change how answers are kept."))
    before = asdict(rules_now())
    for field, option in _OPTIONS.items():
        value = getattr(rules, field)
        if value != before[field]:
            change_option(option.name, value, actor=actor)


_OPTIONS = {
    "is_exact": options.CACHE_EXACT,
    "ttl_s": options.CACHE_TTL_S,
    "is_shared": options.CACHE_SHARED,
    "is_semantic": options.CACHE_SEMANTIC,
    "threshold": options.CACHE_THRESHOLD,
}
