"""Servers by their names, as one calls them in a terminal."""

from django.utils.translation import gettext as _

from apps.inference.contracts import ProviderKind
from apps.inference.managing.errors import MANAGED
from apps.inference.managing.ordering import order_pull
from apps.inference.models import ModelJob, Provider
from apps.inference.selectors import enabled_providers
from olympus.kernel.actor import Actor
from olympus.kernel.errors import NotFound


def server_named(actor: Actor, name: str) -> Provider:
    """This will find a server whose models can be managed; without a name the only one.

    Raises:
        NotFound: there is none of the name, or several and no name.
    """
    servers = [each for each in enabled_providers(actor.organization_id) if ProviderKind(each.kind) in MANAGED]
    found = [each for each in servers if not name or each.name == name]
    if len(found) != 1:
        names = ", ".join(each.name for each in servers) or "-"
        raise NotFound(_("Name one of these servers: %(names)s.") % {"names": names})
    return found[0]


def order_by_server_name(actor: Actor, *, server: str, model: str) -> ModelJob:
    """This will have a server, called by its name, fetch a model.

    Raises: as `server_named` and `order_pull`.
    """
    return order_pull(actor, provider_id=server_named(actor, server).pk, model=model)
