"""The owner's page of rate limits."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.forms import RateLimitForm
from apps.accounts.rates.counting import factor_now
from apps.accounts.rates.stored import rate_limits
from apps.accounts.services import limits
from apps.accounts.views.answering import act, put_on_form
from apps.accounts.views.gates import require_owner
from olympus.kernel.errors import NotFound, OlympusError
from olympus.kernel.load import queued_work

PAGE = "rate_limits"


@require_safe
@require_owner
def listing(request: HttpRequest) -> HttpResponseBase:
    """The classes, and whether a queue tightens them now."""
    return _show(request)


@require_POST
@require_owner
def change(request: HttpRequest, name: str) -> HttpResponseBase:
    """Another limit for a class."""
    form = RateLimitForm(request.POST, auto_id=f"{name[:20]}-%s")
    if form.is_valid():
        try:
            limits.set_rate_limit(actor=request.actor, name=name, **form.limit())
        except NotFound:
            raise
        except OlympusError as error:
            put_on_form(form, error)
        else:
            return act(request, lambda: None, done=_("The limit holds from now on."), back_to=PAGE)
    return _show(request, name, form)


@require_POST
@require_owner
def reset(request: HttpRequest, name: str) -> HttpResponseBase:
    """The default again."""
    return act(
        request,
        lambda: limits.reset_rate_limit(actor=request.actor, name=name),
        done=_("The limit is what it was at first."),
        back_to=PAGE,
    )


def _show(request: HttpRequest, name: str = "", form: RateLimitForm | None = None) -> HttpResponseBase:
    cards = [
        (each, form if form and each.name == name else RateLimitForm.of(each.name, each.requests, each.window_s))
        for each in rate_limits()
    ]
    if form and name not in {each.name for each, _form in cards}:
        return redirect(PAGE)
    factor = factor_now(now=timezone.now().timestamp())
    context = {"cards": cards, "percent": round(factor * 100), "queue": queued_work()}
    return render(request, "accounts/rate_limits.html", context, status=422 if form else 200)
