"""Models managed from a terminal: servers by their names, and a model followed until it is there."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.contracts import ProviderKind
from apps.inference.managing.bringing import bring
from apps.inference.managing.errors import MANAGED
from apps.inference.managing.ordering import LIVE, order_pull
from apps.inference.managing.wording import step_words, trouble_words
from apps.inference.models import ModelJob, Provider
from apps.inference.selectors import enabled_providers
from olympus.kernel.actor import Actor
from olympus.kernel.db import in_thread
from olympus.kernel.errors import NotFound, Unavailable

# A person watches.
_LOOK_S = 0.5


class NotBrought(Unavailable):
    """The model did not get there."""

    code = "not_brought"


def server_named(actor: Actor, name: str) -> Provider:
    """This will find a server whose models can be managed; without a name the only one.

    Raises:
        NotFound: there is none of the name, or several and no name.
    """
    servers = [each for each in enabled_providers(actor.organization_id) if ProviderKind(each.kind) in MANAGED]
    if not servers:
        raise NotFound(_("There is no Ollama to manage models on. Connect one under Model servers."))
    found = [each for each in servers if not name or each.name == name]
    if len(found) != 1:
        raise NotFound(_("Name one of these servers: %(names)s.") % {"names": ", ".join(each.name for each in servers)})
    return found[0]


def order_by_server_name(actor: Actor, *, server: str, model: str) -> ModelJob:
    """This will have a server, called by its name, fetch a model.

    Raises: as `server_named` and `order_pull`.
    """
    return order_pull(actor, provider_id=server_named(actor, server).pk, model=model)


async def brought(job_id: UUID, tell: Callable[[str], None]) -> ModelJob:
    """This will bring a model, unless a worker is quicker, and tell in words how far it is until it is there.

    Raises:
        NotBrought: it failed, was cancelled, or its server was removed.
    """
    bringing = asyncio.create_task(bring(job_id))
    try:
        while (job := await in_thread(_read, job_id)) is not None and job.state in LIVE:
            tell(step_words(job) or job.get_state_display())
            await (asyncio.sleep(_LOOK_S) if bringing.done() else asyncio.wait({bringing}, timeout=_LOOK_S))
        await bringing
    finally:
        bringing.cancel()
    if job is None:
        raise NotBrought(_("Its server was removed."))
    if job.state != ModelJob.State.COMPLETE:
        raise NotBrought(f"{job.model}: {trouble_words(job) or job.get_state_display()}")
    return job


def _read(job_id: UUID) -> ModelJob | None:
    return ModelJob.objects.select_related("provider").filter(pk=job_id).first()
