"""Which pages may open a socket: those of this very site."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_same_origin(scope: dict[str, Any]) -> bool:
    """This will tell whether the handshake's Origin is the site it asks, or PUBLIC_URL.

    No Origin means no browser: such a client must bring a key, since a cookie without an
    Origin is refused here too.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return b"authorization" in headers
    if settings.PUBLIC_URL and origin == _origin_of(settings.PUBLIC_URL):
        return True
    try:
        page, host = urlsplit(origin), urlsplit("//" + headers.get(b"host", b"").decode("latin-1"))
        page_port = page.port or _DEFAULT_PORTS.get(page.scheme)
        host_port = host.port or _DEFAULT_PORTS.get(page.scheme)
    except ValueError:
        return False
    # Django writes IPv6 hosts in brackets, urlsplit without.
    is_served = not {"*", page.hostname, f"[{page.hostname}]"}.isdisjoint(settings.ALLOWED_HOSTS)
    return bool(page.hostname) and is_served and (page.hostname, page_port) == (host.hostname, host_port)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
