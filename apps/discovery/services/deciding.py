"""What is said of a service: add it, ignore it, propose it again, take the last of these back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.discovery.access import service_for_changing
from apps.discovery.contracts import MODEL_SERVERS, Lifecycle, ServiceKind
from apps.discovery.errors import NothingToUndo
from apps.discovery.jobs import queue_proof_after_commit
from apps.discovery.models import KindChoices, ProofState, Service, Subject
from apps.discovery.services.versions import NEW_KEY, last_change, note_change
from apps.inference.contracts import Capability, ModelInfo, ProviderKind
from apps.inference.facade import NeedsItsKey, release_server, take_up_server
from olympus.kernel.actor import Actor
from olympus.kernel.text import clean_text

_KEY_CHARS = 4000
_CAPABILITIES = {each.value: each for each in Capability}


@transaction.atomic
def accept(actor: Actor, *, service_id: UUID, api_key: str = "") -> Service:
    """This will use a service from now on, and have it prove what it can do; a model server is offered at once.

    For one in use already a key is the new one.

    Raises:
        Denied, NotFound
        Invalid, AddressRefused: inference cannot use the address.
        NeedsItsKey: it moved, and the key was for where it was.
    """
    service = service_for_changing(actor, service_id, is_locked=True)
    if service.lifecycle == Lifecycle.ACCEPTED and not api_key:
        return service
    now = timezone.now()
    use(service, now=now, verb="accept", user_id=actor.user_id, api_key=clean_text(api_key)[:_KEY_CHARS])
    if not service.finding.get("command"):
        begin_proof(service, now)
    return service


def begin_proof(service: Service, now: datetime) -> None:
    """This will have a worker test a service once the transaction commits."""
    service.proof_state, service.proof_asked_at, service.proof = ProofState.ASKED, now, {}
    service.save(update_fields=["proof_state", "proof_asked_at", "proof"])
    queue_proof_after_commit(service.pk)


def use(service: Service, *, now: datetime, verb: str, user_id: UUID | None = None, api_key: str = "") -> None:
    """This will make a service an accepted one, inside the caller's transaction."""
    before = _stored(service)
    if service.lifecycle == Lifecycle.ACCEPTED:
        verb = NEW_KEY
    else:
        service.health_facts.pop("told_since", None)  # what was told before it was in use is over
    if ServiceKind(service.kind) in MODEL_SERVERS:
        _take_up(service, user_id=user_id, api_key=api_key)
    elif api_key:
        service.api_key = api_key.strip()
    service.lifecycle, service.decided_by_id, service.decided_at = Lifecycle.ACCEPTED.value, user_id, now
    service.moved_to = ""
    service.save()
    note_change(service, Subject.SERVICE, verb, before=before, after=_stored(service), user_id=user_id, now=now)


@transaction.atomic
def ignore(actor: Actor, *, service_id: UUID) -> Service:
    """This will propose a service no more, wherever it moves; one in use is put out of use.

    Raises:
        Denied, NotFound
    """
    return _decide(actor, service_id, Lifecycle.IGNORED, "ignore")


@transaction.atomic
def restore(actor: Actor, *, service_id: UUID) -> Service:
    """This will propose an ignored service again; one that is not ignored stays as it is.

    Raises:
        Denied, NotFound
    """
    service = service_for_changing(actor, service_id, is_locked=True)
    if service.lifecycle != Lifecycle.IGNORED:
        return service
    return _decide(actor, service_id, Lifecycle.PROPOSED, "restore")


@transaction.atomic
def undo(actor: Actor, *, service_id: UUID) -> Service:
    """This will take back the last decision on a service; a key that went with it stays forgotten.

    Raises:
        Denied, NotFound
        NothingToUndo: nothing was decided, or it is no longer as that decision left it.
    """
    service = service_for_changing(actor, service_id, is_locked=True)
    change = last_change(actor.organization_id, service_id)
    if change is None or change.before is None or (change.after or {}).get("lifecycle") != service.lifecycle:
        raise NothingToUndo
    now = timezone.now()
    change.undone_at = now
    change.save(update_fields=["undone_at"])
    before, wanted = _stored(service), Lifecycle(change.before["lifecycle"])
    if wanted is Lifecycle.ACCEPTED and service.lifecycle != Lifecycle.ACCEPTED:
        _take_up(service, user_id=actor.user_id)
    _become(service, wanted, actor.user_id, now)
    note_undo(service, before, actor.user_id, now)
    return service


def note_undo(service: Service, before: dict[str, Any], user_id: UUID, now: datetime) -> None:
    """This will note in the log and on open pages that something was taken back; it is no version of its own."""
    note_change(service, Subject.SERVICE, "undo", before=before, after=_stored(service), user_id=user_id, now=now)
    newest = last_change(service.organization_id, service.pk)
    if newest is not None:
        newest.undone_at = now
        newest.save(update_fields=["undone_at"])


def _decide(actor: Actor, service_id: UUID, wanted: Lifecycle, verb: str) -> Service:
    service = service_for_changing(actor, service_id, is_locked=True)
    if service.lifecycle == wanted:
        return service
    before, now = _stored(service), timezone.now()
    _become(service, wanted, actor.user_id, now)
    after = _stored(service)
    note_change(service, Subject.SERVICE, verb, before=before, after=after, user_id=actor.user_id, now=now)
    return service


def _become(service: Service, wanted: Lifecycle, user_id: UUID, now: datetime) -> None:
    if service.lifecycle == Lifecycle.ACCEPTED and wanted is not Lifecycle.ACCEPTED:
        _release(service, user_id)
    service.health_facts.pop("told_since", None)  # of what is not in use nobody hears that it is well again
    service.lifecycle, service.decided_by_id, service.decided_at = wanted.value, user_id, now
    service.save()


def _release(service: Service, user_id: UUID) -> None:
    service.api_key = ""
    if service.provider_id is None:
        return
    release_server(
        service.organization_id, service.provider_id, base_url=service.url, is_removed=service.owns_provider,
        user_id=user_id,
    )  # fmt: skip
    service.provider, service.owns_provider = None, False


def _take_up(service: Service, *, user_id: UUID | None, api_key: str = "") -> None:
    """Make it a provider, or lead its provider to where it is now."""
    if ServiceKind(service.kind) not in MODEL_SERVERS:
        return
    taken = take_up_server(
        service.organization_id,
        kind=provider_kind(service),
        name=service.name or str(KindChoices(service.kind).label),
        base_url=service.url,
        api_key=api_key,
        infos=model_infos(service),
        provider_id=service.provider_id,
        user_id=user_id,
    )
    others = Service.objects.filter(provider_id=taken.provider_id).exclude(pk=service.pk)
    is_inherited = others.filter(owns_provider=True).exists()
    # Another product was there before: what was its provider is this one's now.
    others.update(provider=None, owns_provider=False, lifecycle=Lifecycle.PROPOSED.value)
    service.provider_id = taken.provider_id
    service.owns_provider = taken.is_new or service.owns_provider or is_inherited


def follow(service: Service) -> None:
    """This will lead the provider of a service that moved to its new address; a key goes nowhere by itself.

    Raises:
        NeedsItsKey, Invalid, AddressRefused
    """
    if service.lifecycle != Lifecycle.ACCEPTED:
        return
    if ServiceKind(service.kind) not in MODEL_SERVERS and service.has_key:
        raise NeedsItsKey
    _take_up(service, user_id=None)


def provider_kind(service: Service) -> ProviderKind:
    """This will name the wire a model server is spoken to in."""
    return ProviderKind.OLLAMA if service.kind == ServiceKind.OLLAMA else ProviderKind.OPENAI


def model_infos(service: Service) -> list[ModelInfo]:
    """This will give the models of a finding as inference keeps them; one that tells nothing is taken to chat."""
    found: list[ModelInfo] = []
    for model in service.finding.get("models") or []:
        told = {_CAPABILITIES[each] for each in model.get("capabilities") or [] if each in _CAPABILITIES}
        found.append(
            ModelInfo(
                name=model["name"],
                capabilities=frozenset(told or {Capability.CHAT}),
                context_length=model.get("context_length"),
                size_bytes=model.get("size_bytes"),
                is_loaded=bool(model.get("is_loaded")),
            )
        )
    return found


def _stored(service: Service) -> dict[str, Any]:
    return {
        "lifecycle": service.lifecycle,
        "url": service.url,
        "provider_id": service.provider_id,
        "owns_provider": service.owns_provider,
    }
