"""The models of all servers as plain rows, for programs and commands."""

from typing import Any
from uuid import UUID

from apps.inference.contracts import ProviderKind
from apps.inference.managing.errors import MANAGED
from apps.inference.models import ModelRule
from apps.inference.selectors import offers_of


def installed_models(organization_id: UUID) -> list[dict[str, Any]]:
    """This will list each model of each enabled server, as the servers told it last; one query."""
    return [
        {
            "provider": provider.pk,
            "server": provider.name,
            "model": info.name,
            "is_managed": ProviderKind(provider.kind) in MANAGED,
            "is_loaded": info.is_loaded,
            "capabilities": sorted(each.value for each in info.capabilities),
            "context_length": info.context_length,
            "size_bytes": info.size_bytes,
            "vram_bytes": info.vram_bytes if info.is_loaded else None,
            "family": info.family,
            "parameter_size": info.parameter_size,
            "quantization": info.quantization,
            "digest": info.digest,
        }
        for provider, info in offers_of(organization_id)
    ]


def access_row(model: str, rule: ModelRule | None) -> dict[str, Any]:
    """This will tell who may use a model; without a rule it is everybody."""
    if rule is None:
        return {"model": model, "is_open": True, "roles": [], "people": []}
    return {"model": rule.key, "is_open": False, "roles": rule.roles, "people": rule.user_ids}
