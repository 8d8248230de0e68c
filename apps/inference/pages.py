"""What the Providers page shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.engine.health import State
from apps.inference.models import Origin, Provider
from apps.inference.pool.reporting import Health, health_of
from apps.inference.selectors import providers_of
from olympus.kernel.actor import Actor

# Names past these make a row a wall of text; the count says how many there are.
_SHOWN_MODELS = 6


_TAGS: dict[str, tuple[str, Callable[[], str]]] = {
    "off": ("", lambda: _("off")),
    "empty": ("warning", lambda: _("no models")),
    State.UNKNOWN: ("", lambda: _("not asked yet")),
    State.HEALTHY: ("success", lambda: _("ready")),
    State.BUSY: ("info", lambda: _("busy")),
    State.WARMING: ("info", lambda: _("loading a model")),
    State.DEGRADED: ("warning", lambda: _("unsteady")),
    State.CONFIG_ERROR: ("error", lambda: _("refuses Olympus")),
    State.RATE_LIMITED: ("warning", lambda: _("wants a pause")),
    State.UNHEALTHY: ("error", lambda: _("failing")),
    State.OFFLINE: ("error", lambda: _("not answering")),
}


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
    health: Health
    priority: int
    weight: int

    @property
    def state(self) -> str:
        """One word for the tag: `off`, `empty` (it is there and has no model), else how it is."""
        if not self.is_enabled:
            return "off"
        if self.health.state is State.HEALTHY and not self.model_count:
            return "empty"
        return self.health.state.value

    @property
    def tag(self) -> str:
        """What the tag says."""
        return _TAGS[self.state][1]()

    @property
    def tag_kind(self) -> str:
        """The tag's color, by meaning."""
        return _TAGS[self.state][0]

    @property
    def trouble(self) -> str:
        """What there is to say beyond that it answers, and what to do; empty for nothing."""
        if self.state == "empty":
            return _("It answers but has no models yet. Load one on it, and Olympus finds it within a minute.")
        return "" if self.state in {"off", State.HEALTHY} else self.health.words


def provider_rows(actor: Actor) -> list[ProviderRow]:
    """This will describe the providers of the actor's organization, oldest first."""
    return [provider_row(provider) for provider in providers_of(actor.organization_id)]


def provider_row(provider: Provider) -> ProviderRow:
    """This will describe one provider."""
    names = [info.name for info in provider.infos]
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
        health=health_of(provider),
        priority=provider.priority,
        weight=provider.weight,
    )


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN_MODELS
    shown = ", ".join(names[:_SHOWN_MODELS])
    return _("%(names)s and %(n)s more") % {"names": shown, "n": rest} if rest > 0 else shown
