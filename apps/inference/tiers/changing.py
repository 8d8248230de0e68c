"""The write verbs of tiers: say what one is, or have it picked again."""

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from apps.inference.access import require_administrator
from apps.inference.contracts import AUTO, TierName
from apps.inference.models import Tier
from apps.inference.tiers import reading
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.text import clean_text

# A call tries one after the other; nobody waits for more.
MOST_MODELS = 20
NAME_CHARS = 200
USES_CHARS = 300
# Beyond any machine there is; what is larger was typed by mistake.
MOST_MEMORY_GB = 100_000.0
MOST_TOKENS_PER_S = 1_000_000.0


def tier_named(name: str) -> TierName:
    """This will find a tier by name.

    Raises:
        NotFound
    """
    try:
        return TierName(name)
    except ValueError:
        raise NotFound(_("There are three tiers: fast, balanced and powerful.")) from None


def lock_tiers(organization_id: UUID) -> None:
    """This will let nobody else change the organization's tiers before this transaction ends; most have no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tiers of {organization_id}"])


@transaction.atomic
def change_tier(
    actor: Actor,
    tier: TierName,
    *,
    model_names: Sequence[str] | None = None,
    **numbers_and_uses: Any,
) -> None:
    """This will change what is given of a tier: `model_names`, `memory_gb`, `tokens_per_s`, `uses`.

    What is left out stays. Without names the tier is picked from what is connected; names nobody offers now
    are kept and skipped, since servers come and go.

    Raises:
        Denied
        Invalid: `field` names what cannot be.
    """
    require_administrator(actor)
    changes = _checked(numbers_and_uses)
    if model_names is not None:
        changes["model_names"] = _names(model_names)
    lock_tiers(actor.organization_id)
    Tier.objects.update_or_create(organization_id=actor.organization_id, name=tier.value, defaults=changes)
    audit.record("tier.change", actor=actor, subject=tier.value, **changes)
    transaction.on_commit(lambda: reading.current.forget(actor.organization_id), robust=True)


@transaction.atomic
def reset_tier(actor: Actor, tier: TierName) -> None:
    """This will forget what was entered, so that the tier is picked again.

    Raises:
        Denied
    """
    require_administrator(actor)
    lock_tiers(actor.organization_id)
    count, _rows = Tier.objects.filter(organization_id=actor.organization_id, name=tier.value).delete()
    if count:
        audit.record("tier.reset", actor=actor, subject=tier.value)
    transaction.on_commit(lambda: reading.current.forget(actor.organization_id), robust=True)


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for field, value in given.items():
        if field == "memory_gb":
            checked[field] = _number(value, MOST_MEMORY_GB, field)
        elif field == "tokens_per_s":
            checked[field] = _number(value, MOST_TOKENS_PER_S, field)
        elif field == "uses":
            checked[field] = _uses(value)
        else:
            raise TypeError(f"a tier has no {field}")
    return checked


def _names(given: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(clean_text(name).strip() for name in given))
    if len(names) > MOST_MODELS:
        raise Invalid(_("A tier has at most %(n)s models.") % {"n": MOST_MODELS}, field="model_names")
    for name in names:
        if not name or len(name) > NAME_CHARS:
            raise Invalid(_("A model's name has 1 to %(n)s characters.") % {"n": NAME_CHARS}, field="model_names")
        if name == AUTO or name in {tier.value for tier in TierName}:
            raise Invalid(_("A tier is made of models, not of tiers."), field="model_names")
    return names


def _number(value: float | None, most: float, field: str) -> float | None:
    if value is not None and (not math.isfinite(value) or not 0 < value <= most):
        raise Invalid(_("Enter a number above 0, or nothing."), field=field)
    return value


def _uses(value: str) -> str:
    text = " ".join(clean_text(value).split())
    if len(text) > USES_CHARS:
        raise Invalid(_("Keep it to %(n)s characters.") % {"n": USES_CHARS}, field="uses")
    return text
