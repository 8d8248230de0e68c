"""Who may manage models, and on which servers."""

from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.access import require_administrator
from apps.inference.contracts import ProviderKind
from apps.inference.engine.managing.names import plain_name
from apps.inference.engine.names import model_key
from apps.inference.managing.errors import MANAGED, NameTaken, NoModelName, NotManaged
from apps.inference.models import ModelJob, Provider
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, NotFound


def server_for_managing(actor: Actor, provider_id: UUID) -> Provider:
    """This will fetch a server whose models the actor may manage.

    Raises:
        Denied: the actor administers nothing.
        NotFound: there is none in the actor's organization.
        NotManaged: its models are not managed from here.
        Conflict: it is turned off.
    """
    require_administrator(actor)
    provider = Provider.objects.filter(organization_id=actor.organization_id, pk=provider_id).first()
    if provider is None:
        raise NotFound(_("There is no such model server (any more)."))
    if ProviderKind(provider.kind) not in MANAGED:
        raise NotManaged
    if not provider.is_enabled:
        raise Conflict(_("%(name)s is turned off. Turn it on under Model servers first.") % {"name": provider.name})
    return provider


def model_on(provider: Provider, name: str) -> str:
    """This will give a model's name as the server lists it.

    Raises:
        NotFound: the server has none of that name.
    """
    found = next((info.name for info in provider.infos if model_key(info.name) == model_key(name.strip())), None)
    if found is None:
        raise NotFound(_("%(server)s has no such model (any more).") % {"server": provider.name})
    return found


def usable_name(text: str, *, field: str = "model") -> str:
    """This will read a model's name a person entered.

    Raises:
        NoModelName
    """
    name = plain_name(text)
    if name is None:
        raise NoModelName(field=field)
    return name


def check_free(provider: Provider, name: str) -> None:
    """This will refuse a name the server has a model of already.

    Raises:
        NameTaken
    """
    if any(model_key(info.name) == model_key(name) for info in provider.infos):
        raise NameTaken


def job_for_managing(actor: Actor, job_id: UUID, *, is_locked: bool = False) -> ModelJob:
    """This will fetch a model on its way the actor may look after; `is_locked` in a transaction.

    Raises:
        Denied, NotFound
    """
    require_administrator(actor)
    rows = ModelJob.objects.select_related("provider")
    rows = rows.select_for_update(of=("self",)) if is_locked else rows
    job = rows.filter(organization_id=actor.organization_id, pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no such model on its way (any more)."))
    return job
