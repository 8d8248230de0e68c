"""The ASGI application: pages and REST by Django, `/ws/` by the live socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402 - needs Django's apps

from olympus.bodies import limit_bodies  # noqa: E402
from olympus.live.socket import live_socket  # noqa: E402

application = ProtocolTypeRouter({"http": limit_bodies(django_application), "websocket": live_socket})
