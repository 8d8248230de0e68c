"""The keys of actions, as a person wants them."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.accounts.facade import require_person
from apps.accounts.services.shortcuts import set_shortcuts


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def shortcuts(request: HttpRequest) -> HttpResponseBase:
    """All shortcuts, changed by pressing keys; the page's script sends all of them at once."""
    if request.method == "POST":
        set_shortcuts(actor=request.actor, shortcuts=request.POST.get("shortcuts", ""))
        return HttpResponse(status=204)
    return render(request, "accounts/shortcuts.html")
