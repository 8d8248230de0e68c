"""The Cache page: how often an answer was found, what is kept, the settings."""

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.inference.caching.forms import CacheForm
from apps.inference.caching.managing import CacheAway, change_rules, empty_cache, may_change_rules, numbers_for
from apps.inference.caching.pages import cache_page
from apps.inference.views import for_administrators
from olympus.kernel.errors import Invalid

PAGE = "cache"


@require_safe
@for_administrators
def show(request: HttpRequest) -> HttpResponseBase:
    """The numbers and the settings."""
    return _show(request)


@require_POST
@for_administrators
def change(request: HttpRequest) -> HttpResponseBase:
    """Other settings."""
    form = CacheForm(request.POST, rules=numbers_for(request.actor).rules)
    if not form.is_valid():
        return _show(request, form)
    try:
        change_rules(request.actor, form.rules())
    except Invalid as error:
        form.add_error(None, error.message)
        return _show(request, form)
    messages.success(request, _("Saved. It holds everywhere within a second."))
    return redirect(PAGE)


@require_POST
@for_administrators
def empty(request: HttpRequest) -> HttpResponseBase:
    """All of it forgotten."""
    try:
        count = empty_cache(request.actor)
    except CacheAway as error:
        messages.error(request, error.message)
    else:
        gone = ngettext("%(n)s thing that was kept is forgotten.", "%(n)s things that were kept are forgotten.", count)
        messages.success(request, gone % {"n": count})
    return redirect(PAGE)


def _show(request: HttpRequest, form: CacheForm | None = None) -> HttpResponseBase:
    numbers = numbers_for(request.actor)
    may_change = may_change_rules(request.actor)
    context = {
        "cache": cache_page(numbers),
        "form": (form or CacheForm(rules=numbers.rules)) if may_change else None,
        "is_on": numbers.rules.is_exact,
    }
    return render(request, "inference/cache.html", context, status=422 if form else 200)
