"""The search page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_actor
from apps.chat.engine.search import MAX_RESULTS
from apps.chat.pages.search import search_conversations, searched_projects
from olympus.kernel.actor import ActorRequest
from olympus.kernel.ids import parse_uuid

_DAYS = {"week": 7, "month": 31, "year": 365}
_ARCHIVED = {"no": False, "only": True}
# As long as what is looked at of a query; a field cannot hold more to be sent back either.
_SHOWN_QUERY = 400


@require_safe
@require_actor
def search(request: ActorRequest) -> HttpResponse:
    """What a person's titles and messages hold, by conversation; only the list when a script asks."""
    text = request.GET.get("q", "")[:_SHOWN_QUERY]
    is_part = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    found = search_conversations(
        request.actor,
        text,
        project_id=_project(request),
        is_archived=_ARCHIVED.get(request.GET.get("archived", "")),
        days=_DAYS.get(request.GET.get("when", "")),
        limit=MAX_RESULTS,
    )
    context = {"q": text, "found": found, "is_full": len(found.hits) >= MAX_RESULTS}
    if is_part:
        return render(request, "chat/search_results.html", context)
    filters = {
        "project": str(_project(request) or ""),
        "archived": request.GET.get("archived", ""),
        "when": request.GET.get("when", ""),
    }
    context |= {"filters": filters, "projects": searched_projects(request.actor)}
    return render(request, "chat/search.html", context)


def _project(request: HttpRequest) -> UUID | None:
    return parse_uuid(request.GET.get("project", ""))
