"""Takes up model servers nobody added: those the environment names, and Ollama on this machine."""

import os
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.inference.addresses import (
    LOCAL_OLLAMA,
    NamedProvider,
    is_same_server,
    needs_no_lookup,
    providers_named_in,
)
from apps.inference.contracts import ProviderKind
from apps.inference.engine.wire import Timeouts
from apps.inference.models import Origin, Provider
from apps.inference.services import Listing, answers, refresh, store_listing
from olympus.kernel import audit

# bin/up waits for this: a server that is well answers in milliseconds; others, and those whose name must be
# looked up first (which can take seconds and cannot be cut short), are asked by the worker as soon as it runs.
QUICK = Timeouts(connect_s=0.25, answer_s=0.4)


def take_up_environment(organization_id: UUID, environment: Mapping[str, str] | None = None) -> list[str]:
    """This will make the organization's providers match the environment and look for a local Ollama.

    Returns a sentence for each variable that cannot be used. Doing it again changes nothing.
    """
    environment = os.environ if environment is None else environment
    named, problems = providers_named_in(environment)
    taken_up = _match(organization_id, named)
    refresh([provider for provider in taken_up if needs_no_lookup(provider.base_url)], QUICK)
    if environment.get("OLYMPUS_AUTODETECT") != "0":
        find_local_ollama(organization_id)
    return problems


def find_local_ollama(organization_id: UUID, base_url: str = LOCAL_OLLAMA) -> Provider | None:
    """This will add the Ollama of this machine if it answers and no provider is at its address."""
    known = Provider.objects.filter(organization_id=organization_id).values_list("base_url", flat=True)
    if any(is_same_server(url, base_url) for url in known):
        return None
    listing = answers(ProviderKind.OLLAMA, base_url, QUICK)
    return _store_found(organization_id, base_url, listing) if listing.infos is not None else None


@transaction.atomic
def _store_found(organization_id: UUID, base_url: str, listing: Listing) -> Provider:
    provider, is_new = Provider.objects.get_or_create(
        organization_id=organization_id,
        name=_free_name(organization_id, "Ollama"),
        defaults={"kind": ProviderKind.OLLAMA.value, "base_url": base_url, "origin": Origin.FOUND},
    )
    if is_new:
        audit.record("provider.find", organization_id=organization_id, subject=provider.name, base_url=base_url)
    store_listing(provider, listing)
    return provider


@transaction.atomic
def _match(organization_id: UUID, named: list[NamedProvider]) -> list[Provider]:
    """Make the rows that came from the environment those it names now."""
    rows = Provider.objects.filter(organization_id=organization_id, origin=Origin.ENVIRONMENT).select_for_update()
    stored = {row.kind: row for row in rows}
    matched = [_row_for(organization_id, wanted, stored.pop(wanted.kind.value, None)) for wanted in named]
    for gone in stored.values():
        audit.record("provider.remove", organization_id=organization_id, subject=gone.name, base_url=gone.base_url)
        gone.delete()
    return matched


def _row_for(organization_id: UUID, wanted: NamedProvider, row: Provider | None) -> Provider:
    if row is not None and (row.base_url, row.api_key) == (wanted.base_url, wanted.api_key):
        return row
    row = row or _found_at(organization_id, wanted)
    if row is None:
        row = Provider(
            organization_id=organization_id,
            name=_free_name(organization_id, wanted.name),
            kind=wanted.kind.value,
        )
    row.base_url, row.api_key, row.origin = wanted.base_url, wanted.api_key, Origin.ENVIRONMENT
    row.save()
    audit.record(
        "provider.take_up",
        organization_id=organization_id,
        subject=row.name,
        base_url=row.base_url,
        variable=wanted.variable,
    )
    return row


def _found_at(organization_id: UUID, wanted: NamedProvider) -> Provider | None:
    """A server found before it was named: the same row goes on under the variable."""
    rows = Provider.objects.filter(organization_id=organization_id, origin=Origin.FOUND, kind=wanted.kind.value)
    return next((row for row in rows if is_same_server(row.base_url, wanted.base_url)), None)


def _free_name(organization_id: UUID, name: str) -> str:
    taken = set(Provider.objects.filter(organization_id=organization_id).values_list("name", flat=True))
    candidates = [name, *(f"{name} {number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)
