"""The rail by itself, and the archive."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.pages.rail import RAIL_LENGTH, archive_of, rail_of
from olympus.kernel.actor import ActorRequest
from olympus.kernel.ids import parse_uuid


@require_safe
@require_actor
def rail(request: ActorRequest) -> HttpResponse:
    """The rail's list, or what follows a place in it."""
    current, after = parse_uuid(request.GET.get("current", "")), request.GET.get("after", "")
    shown = rail_of(request.actor, current, after=after, length=_length(request))
    return render(request, "partials/rail.html", {"rail": shown})


@require_safe
@require_actor
def archive(request: ActorRequest) -> HttpResponse:
    """What was put away, a page at a time."""
    shown = archive_of(request.actor, after=request.GET.get("after", ""))
    is_part = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    return render(request, "chat/archive_rows.html" if is_part else "chat/archive.html", {"archive": shown})


def _length(request: HttpRequest) -> int:
    given = request.GET.get("rows", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else RAIL_LENGTH
