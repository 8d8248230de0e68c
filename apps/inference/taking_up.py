"""Servers that were found and accepted: they become providers, follow their server, and go when that is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.inference.addresses import LOCAL_OLLAMA, base_url_for, is_same_server, keeps_secrets
from apps.inference.contracts import ModelInfo, ProviderKind
from apps.inference.engine.health import State
from apps.inference.engine.names import model_key
from apps.inference.models import Origin, Provider, catalog_of
from apps.inference.pool.reporting import health_of
from apps.inference.pool.sharing import forget_server
from apps.inference.selectors import offers_of
from olympus.kernel import audit
from olympus.kernel.errors import Conflict

_NAME_CHARS = 60
# Nobody is sent there while there is another.
_AWAY = frozenset({State.CONFIG_ERROR, State.UNHEALTHY, State.OFFLINE})


class NeedsItsKey(Conflict):
    """This server is somewhere else now. Enter its key again: the stored one was given for another address."""

    code = "needs_its_key"


@dataclass(frozen=True, slots=True)
class TakenUp:
    """The provider a server became; `is_new` tells that it was made for it, `was_enabled` whether it was in use before."""

    provider_id: UUID
    name: str
    is_new: bool
    was_enabled: bool = False


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A provider as discovery needs it; its key stays here."""

    id: UUID
    name: str
    kind: ProviderKind
    base_url: str
    has_key: bool
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class StandIns:
    """Who serves while a server does not: other servers that have its models, and models that no other has."""

    servers: list[str] = field(default_factory=list)
    missing_models: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """How a server is: a word of `engine.health.State`, a sentence, and since when."""

    state: str
    words: str
    since: datetime | None


def known_servers(organization_id: UUID) -> list[KnownServer]:
    """This will list the organization's servers, in use or not, without their keys."""
    return [
        KnownServer(row.pk, row.name, ProviderKind(row.kind), row.base_url, row.has_key, row.is_enabled)
        for row in Provider.objects.filter(organization_id=organization_id).exclude(kind=ProviderKind.SCRIPTED)
    ]


def server_healths(organization_id: UUID) -> dict[UUID, ServerHealth]:
    """This will tell how each server is, by what all processes learned of it; no server is asked."""
    rows = Provider.objects.filter(organization_id=organization_id).defer("api_key", "catalog")
    found = {row.pk: health_of(row) for row in rows}
    return {key: ServerHealth(health.state.value, health.words, health.since) for key, health in found.items()}


def stand_ins_for(organization_id: UUID, provider_id: UUID) -> StandIns:
    """This will tell who is asked for a server's models while it does not serve; no server is asked."""
    offers = offers_of(organization_id)
    wanted = {model_key(info.name): info.name for provider, info in offers if provider.pk == provider_id}
    others = {provider.pk: provider for provider, _ in offers if provider.pk != provider_id}
    well = {key for key, provider in others.items() if health_of(provider).state not in _AWAY}
    had = [(provider.name, model_key(info.name)) for provider, info in offers if provider.pk in well]
    missing = wanted.keys() - {key for _, key in had}
    return StandIns(sorted({server for server, key in had if key in wanted}), sorted(wanted[key] for key in missing))


@transaction.atomic
def take_up_server(
    organization_id: UUID,
    *,
    kind: ProviderKind,
    name: str,
    base_url: str,
    api_key: str = "",
    infos: Sequence[ModelInfo] = (),
    provider_id: UUID | None = None,
    user_id: UUID | None = None,
) -> TakenUp:
    """This will use a server from now on: a provider at its address is updated, else one is made.

    `infos` are the models it told of; nothing is asked here, so that its models can be chosen at once.

    Raises:
        Invalid, AddressRefused: the address cannot be used.
        NeedsItsKey: the provider's key was given for another host.
    """
    url = base_url_for(kind, base_url)
    provider = _provider_at(organization_id, kind, url, provider_id)
    is_new = provider is None
    if provider is None:
        provider = Provider(
            organization_id=organization_id,
            added_by_id=user_id,
            name=_free_name(organization_id, name),
            kind=kind.value,
            base_url=url,
            origin=Origin.FOUND,
        )
    was_enabled = provider.is_enabled and not is_new
    _point(provider, url, api_key, infos)
    verb = "provider.find" if is_new else "provider.take_up"
    audit.record(verb, organization_id=organization_id, actor_id=user_id, subject=provider.name, base_url=url)
    return TakenUp(provider.pk, provider.name, is_new, was_enabled)


def _provider_at(organization_id: UUID, kind: ProviderKind, url: str, provider_id: UUID | None) -> Provider | None:
    rows = list(
        Provider.objects.select_for_update(no_key=True).filter(organization_id=organization_id, kind=kind.value)
    )
    by_id = next((row for row in rows if row.pk == provider_id), None)
    return by_id or next((row for row in rows if is_same_server(row.base_url, url)), None)


def _point(provider: Provider, url: str, api_key: str, infos: Sequence[ModelInfo]) -> None:
    is_elsewhere = not is_same_server(provider.base_url, url)
    if is_elsewhere and provider.has_key and not api_key and not keeps_secrets(provider.base_url, url):
        raise NeedsItsKey
    if is_elsewhere:
        provider.base_url = url
        transaction.on_commit(lambda: forget_server(provider.pk))
    if api_key:
        provider.api_key = api_key.strip()
    if infos:
        provider.catalog, provider.checked_at, provider.last_error = catalog_of(list(infos)), timezone.now(), ""
    provider.is_enabled = True
    provider.save()


@transaction.atomic
def release_server(
    organization_id: UUID, provider_id: UUID, *, base_url: str, is_removed: bool, user_id: UUID | None = None
) -> None:
    """This will use a server no more; one that was made for discovery is removed with its key, others are turned off.

    One that somebody led elsewhere than to `base_url` meanwhile is theirs, and stays as it is.
    The Ollama of this machine is turned off in any case: a start of Olympus would take it up again.
    """
    rows = Provider.objects.select_for_update(no_key=True).filter(organization_id=organization_id, pk=provider_id)
    provider = rows.first()
    if provider is None or not is_same_server(provider.base_url, base_url):
        return
    if is_removed and provider.origin == Origin.FOUND and not is_same_server(provider.base_url, LOCAL_OLLAMA):
        provider.delete()
    else:
        provider.is_enabled = False
        provider.save(update_fields=["is_enabled"])
    audit.record(
        "provider.release", organization_id=organization_id, actor_id=user_id, subject=provider.name,
        base_url=provider.base_url,
    )  # fmt: skip


def _free_name(organization_id: UUID, wanted: str) -> str:
    name = " ".join(wanted.replace("/", " ").split())[: _NAME_CHARS - 4].strip() or _("Model server")
    taken = set(Provider.objects.filter(organization_id=organization_id).values_list("name", flat=True))
    candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
