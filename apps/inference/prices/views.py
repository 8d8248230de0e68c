"""The page of prices."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.inference.prices.forms import PriceForm
from apps.inference.prices.shown import initial_of, price_rows
from apps.inference.pricing import add_price, change_price, price_for_changing, remove_price
from apps.inference.views import for_administrators
from olympus.kernel.errors import OlympusError

PAGE = "prices"


@require_safe
@for_administrators
def listing(request: Any) -> HttpResponseBase:
    """The prices there are."""
    return _show(request)


@require_POST
@for_administrators
def add(request: Any) -> HttpResponseBase:
    """Another price."""
    form = PriceForm(request.POST, organization_id=request.actor.organization_id)
    if _did(form, lambda: add_price(request.actor, **form.values())):
        messages.success(request, _("The price is stored. Calls from now on cost it."))
        return redirect(PAGE)
    return _show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def change(request: Any, price_id: UUID) -> HttpResponseBase:
    """Other amounts."""
    price = price_for_changing(request.actor, price_id)
    initial, organization_id = initial_of(price), request.actor.organization_id
    form = PriceForm(request.POST or None, initial=initial, organization_id=organization_id)
    if request.method == "POST" and _did(form, lambda: change_price(request.actor, price_id=price_id, **form.values())):
        messages.success(request, _("The price is changed. Calls that are over keep what they cost."))
        return redirect(PAGE)
    status = 422 if form.errors else 200
    return render(request, "inference/price.html", {"pattern": price.pattern, "form": form}, status=status)


@require_POST
@for_administrators
def remove(request: Any, price_id: UUID) -> HttpResponseBase:
    """One price less."""
    remove_price(request.actor, price_id=price_id)
    messages.success(request, _("The price is removed."))
    return redirect(PAGE)


def _did(form: PriceForm, work: Callable[[], object]) -> bool:
    """Do it if the form is well filled in; else its fields say what is wrong."""
    if not form.is_valid():
        return False
    try:
        work()
    except OlympusError as error:
        field = getattr(error, "field", None) or {"conflict": "pattern"}.get(error.code)
        form.add_error(field if field in form.fields else None, error.message)
        return False
    return True


def _show(request: Any, form: PriceForm | None = None) -> HttpResponseBase:
    context = {
        "prices": price_rows(request.actor),
        "form": form or PriceForm(organization_id=request.actor.organization_id),
    }
    return render(request, "inference/prices.html", context, status=422 if form else 200)
