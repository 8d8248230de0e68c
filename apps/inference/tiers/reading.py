"""What the tiers are now: an organization's own lists, else what is picked from the models that are connected."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.inference.contracts import Capability, ModelInfo, TierName
from apps.inference.engine.names import model_key
from apps.inference.engine.tiering import TIERS, Connected, Rating, pick_tiers
from apps.inference.models import Tier
from apps.inference.selectors import context_length_of, offers_of
from olympus.kernel.fresh import Fresh


@dataclass(frozen=True, slots=True)
class Kept:
    """What an owner entered about a tier; without names the tier is picked."""

    names: tuple[str, ...] = ()
    memory_gb: float | None = None
    tokens_per_s: float | None = None
    uses: str = ""


@dataclass(frozen=True, slots=True)
class Tiering:
    """The models that chat, by name, and the tiers made of them."""

    models: Mapping[str, Connected]
    kept: Mapping[TierName, Kept]
    picked: Mapping[TierName, tuple[Rating, ...]]

    def is_picked(self, tier: TierName) -> bool:
        """This will tell whether nobody chose the tier's models."""
        return not self.kept[tier].names

    @property
    def lists(self) -> dict[TierName, tuple[str, ...]]:
        """Each tier's models, the first first, under the names they are connected by; those that are not there stay."""
        return {
            tier: tuple(self._connected(name) for name in self.kept[tier].names)
            or tuple(rating.model.name for rating in self.picked[tier])
            for tier in TIERS
        }

    def _connected(self, name: str) -> str:
        if name in self.models:
            return name
        return next((there for there in self.models if model_key(there) == model_key(name)), name)


def tiering_of(organization_id: UUID) -> Tiering:
    """This will read what the tiers are; it asks no server."""
    models = connected_models(organization_id)
    return Tiering(models, kept_of(organization_id), pick_tiers(models.values()))


def kept_of(organization_id: UUID) -> dict[TierName, Kept]:
    """This will read what the organization's owners entered about each tier."""
    rows = {TierName(row.name): row for row in Tier.objects.filter(organization_id=organization_id)}
    return {tier: _kept(rows[tier]) if tier in rows else Kept() for tier in TIERS}


def connected_models(organization_id: UUID) -> dict[str, Connected]:
    """This will list the models that chat by name, whichever servers have them; the built-in engine is none."""
    found: dict[str, Connected] = {}
    for provider, info in offers_of(organization_id):
        if Capability.CHAT in info.capabilities:
            key = model_key(info.name)
            found[key] = _joined(found.get(key), info, context_length_of(provider, info))
    return {model.name: model for model in found.values()}


def _joined(before: Connected | None, info: ModelInfo, context_length: int) -> Connected:
    return Connected(
        name=before.name if before else info.name,
        capabilities=info.capabilities | (before.capabilities if before else frozenset()),
        context_length=max(context_length, before.context_length if before else 0),
        size_bytes=(before.size_bytes if before else None) or info.size_bytes,
        is_loaded=info.is_loaded or bool(before and before.is_loaded),
    )


def _kept(row: Tier) -> Kept:
    return Kept(tuple(row.model_names), row.memory_gb, row.tokens_per_s, row.uses)


# A call must not wait for the database to learn what it learned a moment ago.
current: Fresh[UUID, Tiering] = Fresh(tiering_of)
