"""The page of budgets: who may use how much, and what all use."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.budget_forms import BudgetForm, LimitForm
from apps.accounts.contracts import BudgetMetric
from apps.accounts.ledger.access import budget_for_changing
from apps.accounts.pages.budgets import budgets_page
from apps.accounts.services.budgets import add_budget, change_budget, remove_budget
from apps.accounts.views.answering import put_on_form
from apps.accounts.views.gates import require_administrator
from olympus.kernel.errors import OlympusError

PAGE = "budgets"


@require_safe
@require_administrator
def listing(request: HttpRequest) -> HttpResponseBase:
    """The limits, what is left, and what all use."""
    return _show(request)


@require_POST
@require_administrator
def add(request: HttpRequest) -> HttpResponseBase:
    """A new limit."""
    form = BudgetForm(request.POST, organization_id=request.actor.organization_id)
    if form.is_valid():
        try:
            add_budget(request.actor, **form.values())
        except OlympusError as error:
            put_on_form(form, error)
        else:
            messages.success(request, _("The budget is set. What the period has used already counts."))
            return redirect(PAGE)
    return _show(request, form)


@require_POST
@require_administrator
def change(request: HttpRequest, budget_id: UUID) -> HttpResponseBase:
    """Another limit."""
    budget = budget_for_changing(request.actor, budget_id)
    form = LimitForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter a number."))
        return redirect(PAGE)
    try:
        change_budget(request.actor, budget_id=budget_id, limit=form.amount(BudgetMetric(budget.metric)))
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The limit is changed."))
    return redirect(PAGE)


@require_POST
@require_administrator
def remove(request: HttpRequest, budget_id: UUID) -> HttpResponseBase:
    """No limit any more."""
    remove_budget(request.actor, budget_id=budget_id)
    messages.success(request, _("The budget is removed."))
    return redirect(PAGE)


def _show(request: HttpRequest, form: BudgetForm | None = None) -> HttpResponseBase:
    context = {
        "page_of": budgets_page(request.actor, now=timezone.now()),
        "form": form or BudgetForm(organization_id=request.actor.organization_id),
    }
    return render(request, "accounts/budgets.html", context, status=422 if form else 200)
