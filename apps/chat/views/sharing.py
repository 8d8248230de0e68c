"""The page behind a share link, for anybody who holds it."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.chat.errors import ShareLinkNotFound
from apps.chat.pages.sharing import shared_file, shared_page
from olympus.kernel.ids import parse_uuid

# More digits than any depth has; a longer number is nobody's.
_MAX_DIGITS = 9


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponseBase:
    """A conversation as it stood when it was shared."""
    before = request.GET.get("before", "")
    has_number = before.isascii() and before.isdigit() and len(before) <= _MAX_DIGITS
    try:
        page = shared_page(
            token,
            leaf_id=parse_uuid(request.GET.get("leaf", "")),
            before=int(before) if has_number else None,
            now=timezone.now(),
        )
    except ShareLinkNotFound:
        return _apart(render(request, "chat/shared_gone.html", status=404))
    return _apart(render(request, "chat/shared.html", {"shared": page}))


@require_safe
def attachment(request: HttpRequest, token: str, attachment_id: UUID) -> HttpResponseBase:
    """A file of what a link shows."""
    try:
        found = shared_file(token, attachment_id, now=timezone.now())
    except ShareLinkNotFound:
        return _apart(render(request, "chat/shared_gone.html", status=404))
    response = FileResponse(
        found.file.open("rb"),
        content_type=found.served_as,
        filename=found.name,
        as_attachment=not found.is_image,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _apart(response)


def _apart(response: HttpResponseBase) -> HttpResponseBase:
    """Not found by search engines, not told to whom a link leads, and gone when it is revoked."""
    if isinstance(response, HttpResponse | FileResponse):
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
    return response
