"""The People page: who is here, as what, and how others come in."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.access import may_open_doors, roles_within_reach
from apps.accounts.forms import InvitationForm, RoleForm, SignUpPolicyForm, role_choices
from apps.accounts.options import sign_up
from apps.accounts.selectors import members_of, open_invitations
from apps.accounts.services import doors, people
from apps.accounts.services.policy import set_sign_up
from apps.accounts.views.answering import act, put_on_form
from apps.accounts.views.gates import require_administrator
from olympus.kernel.actor import Role
from olympus.kernel.errors import OlympusError

PAGE = "people"


@require_GET
@require_administrator
def listing(request: HttpRequest) -> HttpResponseBase:
    """Everybody, and the invitations nobody took up yet."""
    return _show(request)


@require_POST
@require_administrator
def invite(request: HttpRequest) -> HttpResponseBase:
    """A link to pass on; shown on this answer and never again."""
    form = InvitationForm(request.POST, roles=roles_within_reach(request.actor))
    if form.is_valid():
        role, address = Role(form.cleaned_data["role"]), form.cleaned_data["email"]
        try:
            _, path = doors.invite(actor=request.actor, role=role, email=address)
        except OlympusError as error:
            put_on_form(form, error)
        else:
            return _show(request, link=_absolute(request, path), link_kind="invitation", link_email=address)
    return _show(request, invitation_form=form)


@require_POST
@require_administrator
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponseBase:
    """An invitation that must not be used any more."""
    return act(
        request,
        lambda: doors.withdraw_invitation(actor=request.actor, invitation_id=invitation_id),
        done=_("The invitation is withdrawn."),
        back_to=PAGE,
    )


@require_POST
@require_administrator
def change_role(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """Another role for a member."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return redirect(PAGE)
    role = Role(form.cleaned_data["role"])
    return act(
        request,
        lambda: people.change_role(actor=request.actor, user_id=user_id, role=role),
        done=_("The role is changed."),
        back_to=PAGE,
    )


@require_POST
@require_administrator
def change_premium(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """No rate limit but the budget, or the one of members again."""
    is_premium = request.POST.get("on") == "1"
    done = _("Only budgets hold for this person now.") if is_premium else _("The limits of members hold again.")
    return act(
        request,
        lambda: people.set_premium(actor=request.actor, user_id=user_id, is_premium=is_premium),
        done=done,
        back_to=PAGE,
    )


@require_POST
@require_administrator
def disable(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """Out at once."""
    return act(
        request,
        lambda: people.disable_person(actor=request.actor, user_id=user_id),
        done=_("This person is signed out everywhere and cannot sign in."),
        back_to=PAGE,
    )


@require_POST
@require_administrator
def enable(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """In again."""
    return act(
        request,
        lambda: people.enable_person(actor=request.actor, user_id=user_id),
        done=_("This person can sign in again."),
        back_to=PAGE,
    )


@require_POST
@require_administrator
def remove_second_factors(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """For somebody who lost their phone and their recovery codes."""
    return act(
        request,
        lambda: people.remove_second_factors(actor=request.actor, user_id=user_id),
        done=_("This person signs in by password alone until they add a factor."),
        back_to=PAGE,
    )


@require_POST
@require_administrator
def reset_link(request: HttpRequest, user_id: UUID) -> HttpResponseBase:
    """A link to pass on to somebody who forgot their password."""
    try:
        path = doors.make_reset_link(actor=request.actor, user_id=user_id)
    except OlympusError as error:
        messages.error(request, error.message)
        return redirect(PAGE)
    return _show(request, link=_absolute(request, path), link_kind="reset")


@require_POST
@require_administrator
def change_sign_up(request: HttpRequest) -> HttpResponseBase:
    """Who may make an account."""
    form = SignUpPolicyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose who may join."))
        return redirect(PAGE)
    return act(
        request, lambda: set_sign_up(actor=request.actor, policy=form.policy_chosen()), done=_("Saved."), back_to=PAGE
    )


def _show(request: HttpRequest, *, invitation_form: InvitationForm | None = None, **more: Any) -> HttpResponseBase:
    actor = request.actor
    roles = roles_within_reach(actor)
    context = {
        "members": members_of(actor.organization_id),
        "invitations": open_invitations(actor.organization_id, now=timezone.now()),
        "invitation_form": invitation_form or InvitationForm(roles=roles),
        "policy_form": SignUpPolicyForm(initial={"policy": sign_up().value}) if may_open_doors(actor) else None,
        "roles": role_choices(roles),
        "reachable": {role.value for role in roles},
        "me": actor.user_id,
        **more,
    }
    return render(request, "accounts/people.html", context)


def _absolute(request: HttpRequest, path: str) -> str:
    """The link as others must open it: under the public address where there is one."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
