"""The record of scans."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.discovery.pages.showing import scans_page
from apps.discovery.views.gates import for_administrators


@require_safe
@for_administrators
def listing(request: HttpRequest) -> HttpResponseBase:
    """Past scans, the newest first, and the schedule."""
    return render(request, "discovery/scans.html", {"page": scans_page(request.actor, _id(request.GET.get("before")))})


def _id(text: str | None) -> UUID | None:
    """The id of a scan, none for anything else."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
