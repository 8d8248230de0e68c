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
# As many as fill a screen or two; a search is asked anew with each word that is typed.
_SHOWN_FIRST = 20
# As long as what is looked at of a query; a field cannot hold more to be sent back either.
_SHOWN_QUERY = 400


@require_safe
@require_actor
def search(request: ActorRequest) -> HttpResponse:
    """What a person's titles and messages hold, by conversation; only the list when a script asks."""
    text = request.GET.get("q", "")[:_SHOWN_QUERY]
    has_all = "all" in request.GET
    is_part = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    found = search_conversations(
        request.actor,
        text,
        project_id=_project(request),
        is_archived=_ARCHIVED.get(request.GET.get("archived", "")),
        days=_DAYS.get(request.GET.get("when", "")),
        limit=MAX_RESULTS if has_all else _SHOWN_FIRST,
    )
    context = {"q": text, "found": found, "more_url": _more_url(request) if found.has_more and not has_all else ""}
    if is_part:
        return render(request, "chat/search_results.html", context)
    filters = {
        "project": str(_project(request) or ""),
        "archived": request.GET.get("archived", ""),
        "when": request.GET.get("when", ""),
    }
    context |= {"filters": filters, "projects": searched_projects(request.actor)}
    return render(request, "chat/search.html", context)


def _more_url(request: HttpRequest) -> str:
    asked = request.GET.copy()
    asked["all"] = "1"
    return f"{request.path}?{asked.urlencode()}"


def _project(request: HttpRequest) -> UUID | None:
    return parse_uuid(request.GET.get("project", ""))
