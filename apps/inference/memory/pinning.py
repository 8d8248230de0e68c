"""The write verbs of memory: pin a model on a server, and let it go again."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.inference.access import provider_for_changing, require_administrator
from apps.inference.contracts import ProviderKind
from apps.inference.engine.names import model_key
from apps.inference.managing.telling import tell_changed
from apps.inference.models import MemoryPin
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid, NotFound


def pin_model(actor: Actor, *, provider_id: UUID, model: str) -> MemoryPin:
    """This will keep a model in a server's memory from the next decision on; one that is pinned stays as it is.

    Raises:
        Denied, NotFound
        Invalid: the server does not have the model, or tells nobody what is in its memory.
    """
    with transaction.atomic():
        provider = provider_for_changing(actor, provider_id, is_locked=True)
        if provider.kind != ProviderKind.OLLAMA:
            raise Invalid(_("Only an Ollama server lets Olympus choose what is in its memory."), field="provider")
        key = model_key(model)
        name = next((info.name for info in provider.infos if model_key(info.name) == key), None)
        if name is None:
            raise Invalid(_("This server does not have the model."), field="model")
        pin, is_new = MemoryPin.objects.get_or_create(
            provider=provider, model=name,
            defaults={"organization_id": actor.organization_id, "pinned_by_id": actor.user_id},
        )  # fmt: skip
        if is_new:
            audit.record("memory.pin", actor=actor, subject=name, provider=provider.name)
            tell_changed(actor.organization_id, provider.pk)
    return pin


@transaction.atomic
def unpin_model(actor: Actor, *, pin_id: UUID) -> None:
    """This will let a pinned model go when nobody uses it.

    Raises:
        Denied, NotFound
    """
    require_administrator(actor)
    pins = MemoryPin.objects.select_related("provider").select_for_update(of=("self",))
    pin = pins.filter(pk=pin_id, organization_id=actor.organization_id).first()
    if pin is None:
        raise NotFound(_("This model is not pinned (any more)."))
    _remove(actor, pin)


@transaction.atomic
def unpin_model_on(actor: Actor, *, provider_id: UUID, model: str) -> None:
    """This will let a model of a server go when nobody uses it; one that is not pinned stays so.

    Raises:
        Denied, NotFound
    """
    provider = provider_for_changing(actor, provider_id)
    for pin in MemoryPin.objects.select_related("provider").filter(provider=provider, model=model):
        _remove(actor, pin)


def _remove(actor: Actor, pin: MemoryPin) -> None:
    audit.record("memory.unpin", actor=actor, subject=pin.model, provider=pin.provider.name)
    tell_changed(actor.organization_id, pin.provider_id)
    pin.delete()
