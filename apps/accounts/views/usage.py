"""What one used."""

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.facade import require_person
from apps.accounts.ledger.export import entries_as_csv
from apps.accounts.ledger.usage import entries_of_actor, entries_of_all
from apps.accounts.pages.usage import usage_page


@require_safe
@require_person
def usage(request: HttpRequest) -> HttpResponseBase:
    """The person's own calls in the last 30 days, and their budgets."""
    return render(request, "accounts/usage.html", {"usage": usage_page(request.actor, now=timezone.now())})


@require_safe
@require_person
def own_entries(request: HttpRequest) -> HttpResponseBase:
    """The person's own calls, each of them."""
    return _csv(StreamingHttpResponse(entries_as_csv(entries_of_actor(request.actor))), "olympus-usage.csv")


@require_safe
@require_person
def all_entries(request: HttpRequest) -> HttpResponseBase:
    """Everybody's calls, for who administers."""
    return _csv(StreamingHttpResponse(entries_as_csv(entries_of_all(request.actor))), "olympus-usage-of-all.csv")


def _csv(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
