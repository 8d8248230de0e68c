"""The machine's resources."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.discovery.pages.machine import look_at_machine, machine_page
from apps.discovery.views.gates import for_administrators


@require_safe
@for_administrators
def show(request: HttpRequest) -> HttpResponseBase:
    """How much there is, and how much of it is in use."""
    return render(request, "discovery/machine.html", {"page": machine_page(look_at_machine())})
