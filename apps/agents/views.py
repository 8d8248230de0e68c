"""The pages of runs."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_person
from apps.agents.pages import usage_page
from olympus.kernel.actor import ActorRequest


@require_safe
@require_person
def usage(request: ActorRequest) -> HttpResponse:
    """What the person used so far."""
    page = usage_page(request.actor, now=timezone.localtime())
    return render(request, "agents/usage.html", {"usage": page})
