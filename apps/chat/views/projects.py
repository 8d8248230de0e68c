"""The pages of projects; what is done there is done over REST."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.pages.projects import project_page, projects_page
from olympus.kernel.actor import ActorRequest


@require_safe
@require_actor
def listing(request: ActorRequest) -> HttpResponse:
    """All projects one may use."""
    return render(request, "chat/projects.html", {"shelf": projects_page(request.actor)})


@require_safe
@require_actor
def project(request: ActorRequest, project_id: UUID) -> HttpResponse:
    """One project."""
    shown = project_page(request.actor, project_id, number=request.GET.get("page", "1"))
    return render(request, "chat/project.html", {"project": shown})
