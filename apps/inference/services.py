"""The write verbs of providers: add, change, remove, and ask what they offer."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.facade import default_organization_id
from apps.inference.access import provider_for_changing, require_administrator
from apps.inference.addresses import base_url_for, keeps_secrets
from apps.inference.clients import client_for_kind, client_of_provider
from apps.inference.contracts import ModelClient, ModelInfo, ProviderKind
from apps.inference.engine.health import Outcome, outcome_of
from apps.inference.engine.wire import Timeouts
from apps.inference.errors import AddressIsOlympus, ModelError
from apps.inference.models import Origin, Provider, catalog_of
from apps.inference.pool import POOL
from apps.inference.pool.changes import changed_after_commit
from apps.inference.pool.sharing import exchange_now, forget_server
from apps.inference.selectors import providers_in_use, providers_of
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, Invalid, OlympusError
from olympus.kernel.http import run_alone
from olympus.kernel.text import clean_data

logger = logging.getLogger(__name__)

# Someone waits for the answer to Add and Test; a listing takes milliseconds where the server is well.
_ASKING = Timeouts(connect_s=3.0, answer_s=8.0)
_NAME_CHARS = 60
# What the columns hold that name a model, and ten times what the largest services list.
_MODEL_CHARS = 200
_MOST_MODELS = 5000
# Finer than anybody weighs servers against each other.
MOST_SHARE = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider answered when asked for its models: them, or a sentence why not."""

    infos: list[ModelInfo] | None
    error: str = ""
    failure: OlympusError | None = None


def add_provider(actor: Actor | None, *, kind: ProviderKind, name: str, base_url: str, api_key: str = "") -> Provider:
    """This will store a model server and ask it for its models; one that does not answer is stored all the same.

    Without an actor it is the operator's at the terminal, perhaps before anybody has an account.

    Raises:
        Denied: the actor administers nothing.
        Invalid: the name or address cannot be used.
        AddressRefused: the address is one Olympus never connects to.
        Conflict: the name is taken.
    """
    if actor is not None:
        require_administrator(actor)
    organization_id = actor.organization_id if actor else default_organization_id()
    provider = Provider(
        organization_id=organization_id,
        added_by_id=actor.user_id if actor else None,
        name=_usable_name(name),
        kind=kind.value,
        base_url=base_url_for(kind, base_url),
        api_key=api_key.strip(),
    )
    listing = list_now(client_of_provider(provider, timeouts=_ASKING))
    _put(provider, listing)
    with _name_is_free(provider), transaction.atomic():
        provider.save(force_insert=True)
        audit.record(
            "provider.add",
            actor=actor,
            organization_id=organization_id,
            subject=provider.name,
            kind=provider.kind,
            base_url=provider.base_url,
        )
    _tell_pool(provider, listing)
    return provider


@transaction.atomic
def change_provider(
    actor: Actor,
    *,
    provider_id: UUID,
    name: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    is_enabled: bool | None = None,
    priority: int | None = None,
    weight: int | None = None,
) -> Provider:
    """This will change what is given of a provider; None keeps, an empty key removes the key.

    Raises: as `add_provider`, and NotFound; Invalid also if a stored key would go to another server.
    """
    provider = provider_for_changing(actor, provider_id, is_locked=True)
    before = (provider.base_url, api_key)
    if name is not None:
        provider.name = _usable_name(name)
    if base_url is not None:
        _move(provider, base_url_for(ProviderKind(provider.kind), base_url), keeps_key=api_key is None)
    if api_key is not None:
        provider.api_key = api_key.strip()
    if is_enabled is not None:
        provider.is_enabled = is_enabled
    provider.priority = provider.priority if priority is None else _usable_share(priority, "priority")
    provider.weight = provider.weight if weight is None else _usable_share(weight, "weight")
    with _name_is_free(provider), transaction.atomic():
        provider.save()
        audit.record(
            "provider.change",
            actor=actor,
            subject=provider.name,
            is_enabled=provider.is_enabled,
            priority=provider.priority,
            weight=provider.weight,
        )
        if before != (provider.base_url, None):
            transaction.on_commit(lambda: forget_server(provider_id))
    return provider


def _move(provider: Provider, base_url: str, *, keeps_key: bool) -> None:
    """A key is for the server it was given for: who may change an address must not learn the key by it."""
    if keeps_key and provider.api_key and not keeps_secrets(provider.base_url, base_url):
        raise Invalid(_("This is another server. Enter its key, or have the stored one forgotten."), field="api_key")
    provider.base_url = base_url


@transaction.atomic
def remove_provider(actor: Actor, *, provider_id: UUID) -> None:
    """This will forget a provider and its key; answers it gave stay.

    Raises:
        Denied, NotFound
        Invalid: Olympus would take it up again at once; it can be turned off instead.
    """
    provider = provider_for_changing(actor, provider_id, is_locked=True)
    if provider.origin != Origin.ADDED:
        raise Invalid(_("Olympus finds this provider by itself and would add it again. Turn it off instead."))
    audit.record("provider.remove", actor=actor, subject=provider.name, base_url=provider.base_url)
    provider.delete()


def test_provider(actor: Actor, *, provider_id: UUID) -> Provider:
    """This will ask a provider for its models now and store what it says.

    Raises:
        Denied, NotFound
    """
    provider = provider_for_changing(actor, provider_id)
    store_listing(provider, list_now(_client_or_error(provider, _ASKING)))
    exchange_now()
    return provider


def refresh_providers(timeouts: Timeouts = _ASKING) -> None:
    """This will ask all enabled providers at once and store what each says."""
    refresh(providers_in_use(), timeouts)


def refresh_own(actor: Actor) -> None:
    """This will ask all enabled providers of the actor's organization at once and store what each says.

    Raises:
        Denied
    """
    require_administrator(actor)
    refresh([provider for provider in providers_of(actor.organization_id) if provider.is_enabled], _ASKING)


def refresh(providers: Sequence[Provider], timeouts: Timeouts) -> None:
    """This will ask these providers at once and store what each says."""
    clients = [_client_or_error(provider, timeouts) for provider in providers]

    async def ask_all() -> list[Listing]:
        return await asyncio.gather(*(_ask(client) for client in clients))

    if providers:
        for provider, listing in zip(providers, run_alone(ask_all), strict=True):
            store_listing(provider, listing)
        exchange_now()


def store_listing(provider: Provider, listing: Listing) -> None:
    """This will keep what a provider said; one that is down keeps the models it offered last."""
    before = provider.catalog
    _put(provider, listing)
    Provider.objects.filter(pk=provider.pk).update(
        catalog=provider.catalog, last_error=provider.last_error, checked_at=provider.checked_at
    )
    if provider.catalog != before:
        changed_after_commit()
    _tell_pool(provider, listing)


def _tell_pool(provider: Provider, listing: Listing) -> None:
    outcome = outcome_of(listing.failure if isinstance(listing.failure, ModelError) else None)
    if listing.failure is not None and not isinstance(listing.failure, ModelError):
        outcome = Outcome.REFUSED  # the key cannot be read
    POOL.note_probe(provider.pk, outcome, listing.failure)


def list_now(client: ModelClient | OlympusError) -> Listing:
    """This will ask one server for its models.

    Raises:
        AddressIsOlympus: what answers is this installation itself.
    """

    async def ask() -> Listing:
        return await _ask(client)

    return run_alone(ask)


def answers(kind: ProviderKind, base_url: str, timeouts: Timeouts) -> Listing:
    """This will look whether a model server of the kind answers at the address."""
    return list_now(client_for_kind(kind, base_url, "", timeouts=timeouts))


async def _ask(client: ModelClient | OlympusError) -> Listing:
    if isinstance(client, OlympusError):
        return Listing(None, client.message, client)
    try:
        return Listing(await client.list_models())
    except AddressIsOlympus:
        raise
    except OlympusError as error:
        return Listing(None, error.message, error)


def _client_or_error(provider: Provider, timeouts: Timeouts) -> ModelClient | OlympusError:
    try:
        return client_of_provider(provider, timeouts=timeouts)
    except OlympusError as error:  # the key cannot be read: the provider's state says so
        return error


def _put(provider: Provider, listing: Listing) -> None:
    provider.checked_at = timezone.now()
    provider.last_error = listing.error[:500]
    if listing.infos is not None:
        provider.catalog = clean_data(
            catalog_of([each for each in listing.infos if _is_name(each.name)][:_MOST_MODELS])
        )


def _is_name(name: str) -> bool:
    """A model whose name fits nowhere cannot be asked for; one bad name must not cost the others."""
    return 0 < len(name) <= _MODEL_CHARS


def _usable_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _NAME_CHARS:
        raise Invalid(_("Give the provider a name of at most %(n)s characters.") % {"n": _NAME_CHARS}, field="name")
    if "/" in name:
        raise Invalid(_("A provider's name has no slash: provider/model names a model."), field="name")
    return name


def _usable_share(number: int, field: str) -> int:
    if not 0 <= number <= MOST_SHARE:
        raise Invalid(_("Enter a whole number from 0 to %(n)s.") % {"n": MOST_SHARE}, field=field)
    return number


@contextmanager
def _name_is_free(provider: Provider) -> Iterator[None]:
    """Turn the database's refusal of a second provider of one name into words."""
    try:
        yield
    except IntegrityError as error:
        if "provider_name_once" not in str(error):
            raise
        raise Conflict(
            _("There is a provider named %(name)s already. Choose another name.") % {"name": provider.name}
        ) from error
