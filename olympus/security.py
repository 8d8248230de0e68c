"""What every response says to the browser: what may run, what may frame it, what may be kept."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from olympus.kernel.http import INSTANCE_HEADER, instance_id

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "frame-src 'self'",
        "manifest-src 'self'",
    ]
)
# The frame that draws diagrams: a program of others at work on anybody's words. It has no origin (so no cookies and no
# storage), reaches nothing, and only our own pages hold it. Its styles are written by the program and stay within.
DIAGRAM_FRAME_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-scripts",
    ]
)
# The microphone and full screen stay ours to ask for; everything else that a page could ask for is off.
PERMISSIONS_POLICY = ", ".join(
    [
        "accelerometer=()",
        "autoplay=()",
        "browsing-topics=()",
        "camera=()",
        "display-capture=()",
        "geolocation=()",
        "gyroscope=()",
        "magnetometer=()",
        "microphone=(self)",
        "midi=()",
        "payment=()",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        "usb=()",
    ]
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Next = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def SecurityHeadersMiddleware(get_response: Next) -> Next:  # noqa: N802 - Django spells middleware like classes
    """Add the headers to whatever leaves; a view that set one itself keeps its own."""
    if iscoroutinefunction(get_response):

        async def guard_async(request: HttpRequest) -> HttpResponseBase:
            return _guarded(request, await get_response(request))

        return guard_async

    def guard(request: HttpRequest) -> HttpResponseBase:
        response: Any = get_response(request)
        return _guarded(request, response)

    return guard


def _guarded(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    # By this Olympus knows itself, and never adds itself as a model server.
    response.headers.setdefault(INSTANCE_HEADER, instance_id())
    if _is_private(request):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _is_private(request: HttpRequest) -> bool:
    """Whether the answer was made for one person or key, and no cache may keep it."""
    if request.path_info.startswith(settings.STATIC_URL):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers
