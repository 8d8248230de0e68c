"""What the Providers page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.inference.contracts import Capability
from apps.inference.models import Origin, Provider
from apps.inference.selectors import providers_of
from olympus.kernel.actor import Actor

# Names past these make a row a wall of text; the count says how many there are.
_SHOWN_MODELS = 6


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider in the list."""

    id: UUID
    name: str
    kind: str
    base_url: str
    origin: str
    is_enabled: bool
    may_be_removed: bool
    has_key: bool
    model_count: int
    models: str
    error: str
    checked_at: datetime | None

    @property
    def state(self) -> str:
        """One word for the tag: `off`, `trouble`, `empty` or `ready`."""
        if not self.is_enabled:
            return "off"
        if self.error:
            return "trouble"
        return "ready" if self.model_count else "empty"


def provider_rows(actor: Actor) -> list[ProviderRow]:
    """This will describe the providers of the actor's organization, oldest first."""
    return [provider_row(provider) for provider in providers_of(actor.organization_id)]


def provider_row(provider: Provider) -> ProviderRow:
    """This will describe one provider."""
    names = [info.name for info in provider.infos if Capability.CHAT in info.capabilities]
    return ProviderRow(
        id=provider.pk,
        name=provider.name,
        kind=provider.get_kind_display(),
        base_url=provider.base_url,
        origin="" if provider.origin == Origin.ADDED else provider.get_origin_display(),
        is_enabled=provider.is_enabled,
        may_be_removed=provider.origin == Origin.ADDED,
        has_key=provider.has_key,
        model_count=len(provider.infos),
        models=_listed(names),
        error=provider.last_error,
        checked_at=provider.checked_at,
    )


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN_MODELS
    shown = ", ".join(names[:_SHOWN_MODELS])
    return f"{shown} and {rest} more" if rest > 0 else shown
