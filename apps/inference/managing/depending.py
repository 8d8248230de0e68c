"""What names a model and would miss it: tiers here, and what apps above tell of."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.inference.contracts import TierName
from apps.inference.engine.names import model_key
from apps.inference.models import ModelRule, Provider, Tier
from apps.inference.tiers.choices import tier_label

# Told a model's names (plain, and by its servers), an app counts what of its own names one of them, in words; empty for none.
Teller = Callable[[UUID, frozenset[str]], str]
_tellers: list[Teller] = []


@dataclass(frozen=True, slots=True)
class Dependents:
    """What would miss a model: tiers that list it, sentences of other apps, whether another server has it still."""

    tiers: tuple[str, ...]
    others: tuple[str, ...]
    other_servers: tuple[str, ...]
    is_limited: bool

    @property
    def is_missed(self) -> bool:
        """Whether anything would be without it."""
        return bool((self.tiers or self.others) and not self.other_servers)


def register_dependents(teller: Teller) -> None:
    """This will ask `teller` too before a model is deleted; call it in `ready()`."""
    if teller not in _tellers:
        _tellers.append(teller)


def dependents_of(organization_id: UUID, provider_id: UUID, model: str) -> Dependents:
    """This will tell what names a model of a server."""
    key = model_key(model)
    servers = Provider.objects.filter(organization_id=organization_id, is_enabled=True).defer("api_key")
    having = [server for server in servers if any(model_key(info.name) == key for info in server.infos)]
    plain = (key, f"{key}:latest")
    names = frozenset([*plain, *(f"{server.name}/{name}" for server in having for name in plain)])
    # A part of a transaction of its own: an app that cannot tell must not spoil the caller's.
    with transaction.atomic():
        told = tuple(sentence for teller in _tellers if (sentence := teller(organization_id, names)))
    return Dependents(
        tiers=_tiers(organization_id, key),
        others=told,
        other_servers=tuple(server.name for server in having if server.pk != provider_id),
        is_limited=ModelRule.objects.filter(organization_id=organization_id, key=key).exists(),
    )


def _tiers(organization_id: UUID, key: str) -> tuple[str, ...]:
    rows = Tier.objects.filter(organization_id=organization_id)
    return tuple(
        tier_label(TierName(row.name)) for row in rows if any(model_key(name) == key for name in row.model_names)
    )
