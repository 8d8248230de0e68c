"""The two pages a link opens: becoming the first owner, accepting an invitation."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import selectors
from apps.accounts.forms import NewPersonForm
from apps.accounts.options import SignUp, sign_up
from apps.accounts.services.doors import LinkUsed, SignUpClosed, accept_invitation, use_owner_link
from apps.accounts.signing_in import sign_in
from apps.accounts.views.answering import put_on_form
from olympus.kernel.errors import OlympusError


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponseBase:
    """The first person makes this Olympus theirs; looking at the page does not use the link."""
    if not selectors.sign_in_link_is_open(token, now=timezone.now()):
        return render(request, "accounts/welcome_used.html", {"has_owner": selectors.has_owner()}, status=410)
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _let_in(request, form, lambda **who: use_owner_link(token=token, **who))
        if answer is not None:
            return answer
    return render(request, "accounts/welcome.html", {"form": form})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Whoever holds an invitation becomes a member."""
    invitation = selectors.invitation_by_token(token, now=timezone.now())
    if invitation is None:
        return render(request, "accounts/join_used.html", status=410)
    if sign_up() is SignUp.CLOSED:
        return render(request, "accounts/join_used.html", {"is_closed": True}, status=403)
    initial = {"email": invitation.email} if invitation.email else None
    form = NewPersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = _let_in(request, form, lambda **who: accept_invitation(token=token, **who))
        if answer is not None:
            return answer
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation})


def _let_in(request: HttpRequest, form: NewPersonForm, make: Callable[..., Any]) -> HttpResponseBase | None:
    """Make the person and sign them in; None leaves the reason on the form."""
    try:
        user = make(**form.cleaned_data)
    except LinkUsed:
        return render(request, "accounts/join_used.html", status=410)
    except SignUpClosed:
        return render(request, "accounts/join_used.html", {"is_closed": True}, status=403)
    except OlympusError as error:
        put_on_form(form, error)
        return None
    return sign_in(request, user)
