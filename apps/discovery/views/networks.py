"""Granted networks and rules."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.discovery.errors import NothingToUndo
from apps.discovery.forms import GrantForm, RuleForm
from apps.discovery.pages.showing import networks_page
from apps.discovery.selectors import change_to_undo
from apps.discovery.services import granting, rules
from apps.discovery.views.gates import for_administrators, put_on_form
from olympus.kernel.errors import Denied, NotFound, OlympusError

PAGE = "services_networks"
# Names the change of a rule that the page offers to take back.
_CHANGED = "changed"


@require_safe
@for_administrators
def listing(request: HttpRequest) -> HttpResponseBase:
    """All grants and rules."""
    return _show(request)


@require_POST
@for_administrators
def grant(request: HttpRequest) -> HttpResponseBase:
    """One more network."""
    form = GrantForm(request.POST)
    if form.is_valid():
        try:
            granted = granting.grant_network(request.actor, **form.values())
        except Denied:
            raise
        except OlympusError as error:
            put_on_form(form, error)
        else:
            messages.success(request, _("%(network)s is granted.") % {"network": granted.cidr})
            return redirect(PAGE)
    return _show(request, grant_form=form)


@require_POST
@for_administrators
def revoke(request: HttpRequest, grant_id: UUID) -> HttpResponseBase:
    """One network less."""
    granted = granting.revoke_grant(request.actor, grant_id=grant_id)
    messages.success(request, _("%(network)s is not scanned any more.") % {"network": granted.cidr})
    return redirect(PAGE)


@require_POST
@for_administrators
def add_rule(request: HttpRequest) -> HttpResponseBase:
    """One more rule."""
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            rule = rules.make_rule(request.actor, **form.values())
        except (Denied, NotFound):
            raise
        except OlympusError as error:
            put_on_form(form, error)
        else:
            return _changed(request, rule.pk, _("The rule holds from now on."))
    return _show(request, rule_form=form)


@require_POST
@for_administrators
def switch_rule(request: HttpRequest, rule_id: UUID) -> HttpResponseBase:
    """A rule that rests, or holds again."""
    rule = rules.switch_rule(request.actor, rule_id=rule_id, is_enabled=request.POST.get("on") == "1")
    said = _("The rule holds from now on.") if rule.is_enabled else _("The rule is off; what it added stays.")
    return _changed(request, rule_id, said)


@require_POST
@for_administrators
def remove_rule(request: HttpRequest, rule_id: UUID) -> HttpResponseBase:
    """One rule less."""
    rules.remove_rule(request.actor, rule_id=rule_id)
    return _changed(request, rule_id, _("The rule is removed; what it added stays."))


@require_POST
@for_administrators
def undo_rule(request: HttpRequest, rule_id: UUID) -> HttpResponseBase:
    """The last change of a rule taken back."""
    try:
        rules.undo_rule(request.actor, rule_id=rule_id, change_id=_uuid(request.POST.get(_CHANGED)))
    except NothingToUndo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The rules are as they were before."))
    return redirect(PAGE)


def _changed(request: HttpRequest, rule_id: UUID, said: str) -> HttpResponseBase:
    messages.success(request, said)
    change = change_to_undo(request.actor.organization_id, rule_id=rule_id)
    return redirect(f"{reverse(PAGE)}?{urlencode({_CHANGED: change.pk})}" if change else PAGE)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _show(
    request: HttpRequest, *, grant_form: GrantForm | None = None, rule_form: RuleForm | None = None
) -> HttpResponseBase:
    for form in (grant_form, rule_form):
        if form is not None:
            form.focus_first_error()
    change_id = _uuid(request.GET.get(_CHANGED))
    context = {
        "page": networks_page(request.actor),
        "grant_form": grant_form or GrantForm(),
        "change": change_to_undo(request.actor.organization_id, change_id=change_id) if change_id else None,
        "rule_form": rule_form or RuleForm(auto_id="rule_%s"),
    }
    return render(request, "discovery/networks.html", context, status=422 if grant_form or rule_form else 200)
