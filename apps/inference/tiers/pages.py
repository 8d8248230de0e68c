"""What the Routing page and the REST operations show of tiers."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.inference.contracts import AUTO, TierName
from apps.inference.engine.tiering import TIERS, Connected, Rating
from apps.inference.tiers.choices import purpose_of, tier_label
from apps.inference.tiers.reading import Kept, Tiering, kept_of, tiering_of
from apps.inference.tiers.wording import rating_words

_BILLION = 1e9


@dataclass(frozen=True, slots=True)
class TierModel:
    """One model of a tier; `reason` says why it was picked, empty where somebody chose it."""

    name: str
    is_connected: bool
    is_loaded: bool
    reason: str


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier as it is now. `likely_memory_gb` is the first model's size, where its server tells."""

    name: str
    label: str
    purpose: str
    is_picked: bool
    models: list[TierModel]
    others: list[str]
    memory_gb: float | None
    tokens_per_s: float | None
    uses: str
    likely_memory_gb: float | None


def tier_views(organization_id: UUID) -> list[TierView]:
    """This will describe the three tiers, fast first."""
    tiering = tiering_of(organization_id)
    return [_view(tiering, tier) for tier in TIERS]


def tier_view(organization_id: UUID, tier: TierName) -> TierView:
    """This will describe one tier."""
    return _view(tiering_of(organization_id), tier)


def menu_notes(organization_id: UUID) -> dict[str, str]:
    """This will tell in one line each what `auto` and the tiers are good for, and how quick they are."""
    kept = kept_of(organization_id)
    return {AUTO: purpose_of(None)} | {tier.value: _note(tier, kept[tier]) for tier in TIERS}


def _note(tier: TierName, kept: Kept) -> str:
    purpose = kept.uses or purpose_of(tier)
    if kept.tokens_per_s is None:
        return purpose
    return _("%(purpose)s · about %(n)s tokens/s") % {"purpose": purpose, "n": number_format(round(kept.tokens_per_s))}


def _view(tiering: Tiering, tier: TierName) -> TierView:
    kept, names = tiering.kept[tier], tiering.lists[tier]
    ratings = {rating.model.name: rating for rating in tiering.picked[tier]} if tiering.is_picked(tier) else {}
    first = next((tiering.models[name] for name in names if name in tiering.models), None)
    return TierView(
        name=tier.value,
        label=tier_label(tier),
        purpose=kept.uses or purpose_of(tier),
        is_picked=tiering.is_picked(tier),
        models=[_model(name, tiering.models.get(name), ratings.get(name), tier) for name in names],
        others=sorted(tiering.models.keys() - set(names)),
        memory_gb=kept.memory_gb,
        tokens_per_s=kept.tokens_per_s,
        uses=kept.uses,
        likely_memory_gb=round(first.size_bytes / _BILLION, 1) if first and first.size_bytes else None,
    )


def _model(name: str, model: Connected | None, rating: Rating | None, tier: TierName) -> TierModel:
    return TierModel(
        name=name,
        is_connected=model is not None,
        is_loaded=bool(model and model.is_loaded),
        reason=rating_words(rating, tier) if rating else "",
    )
