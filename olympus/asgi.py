"""The ASGI application: pages and REST by Django, `/v1/` by the gateway, `/ws/` by the live socket."""

import os
import re

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs Django's apps
from django.urls import get_resolver  # noqa: E402

from apps.accounts.facade import socket_actor  # noqa: E402
from apps.chat.services.transfer import MAX_IMPORT_BYTES  # noqa: E402
from apps.gateway.asgi import with_gateway  # noqa: E402
from apps.inference.managing.changing import MOST_ADAPTER_BYTES  # noqa: E402
from olympus.bodies import Scope, limit_bodies  # noqa: E402
from olympus.kernel.collecting import leave_out_what_is_loaded  # noqa: E402
from olympus.kernel.db import in_thread  # noqa: E402
from olympus.live.socket import live_socket  # noqa: E402
from olympus.observing import observed  # noqa: E402

_IMPORTS = "/api/v1/imports"
_ADAPTERS = re.compile(r"/api/v1/models/adapters|/settings/models/on/[0-9a-f-]{36}/create/")
_FORM_BYTES = 1024 * 1024


async def larger_body(scope: Scope) -> int:
    """This will allow an import or an adapter, and only to who may send one: nobody else fills the disk before being refused."""
    is_adapter = _ADAPTERS.fullmatch(scope["path"]) is not None
    if scope["method"] != "POST" or not (is_adapter or scope["path"] == _IMPORTS):
        return 0
    actor = await in_thread(socket_actor, scope)
    if is_adapter:
        return MOST_ADAPTER_BYTES + _FORM_BYTES if actor is not None and actor.may_administer else 0
    return MAX_IMPORT_BYTES + _FORM_BYTES if actor is not None and actor.may_write else 0


application = observed(
    ProtocolTypeRouter(
        {"http": with_gateway(limit_bodies(django_application, larger=larger_body)), "websocket": live_socket}
    )
)

_ = get_resolver().url_patterns  # every page's module, which the first request would wait for
leave_out_what_is_loaded()
