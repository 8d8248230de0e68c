"""The rail by itself."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.pages import rail_of
from olympus.kernel.actor import ActorRequest
from olympus.kernel.ids import parse_uuid


@require_safe
@require_actor
def rail(request: ActorRequest) -> HttpResponse:
    """The rail's list."""
    groups = rail_of(request.actor, parse_uuid(request.GET.get("current", "")))
    return render(request, "partials/rail.html", {"rail": groups})
