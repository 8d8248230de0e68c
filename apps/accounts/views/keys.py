"""A person's API keys."""

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.facade import require_person
from apps.accounts.forms import KeyForm
from apps.accounts.selectors import keys_of
from apps.accounts.services.keys import create_api_key, revoke_api_key
from apps.accounts.views.answering import act, put_on_form
from olympus.kernel.actor import Scope
from olympus.kernel.errors import OlympusError


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def keys(request: HttpRequest) -> HttpResponseBase:
    """The list, the form, and once a new key itself."""
    form, new_key = KeyForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
        name, expires_at = form.cleaned_data["name"], form.expires_at()
        try:
            _, new_key = create_api_key(actor=request.actor, name=name, scopes=scopes, expires_at=expires_at)
        except OlympusError as error:
            put_on_form(form, error)
        else:
            form = KeyForm()
    context = {"form": form, "new_key": new_key, "keys": keys_of(request.actor), "now": timezone.now()}
    return render(request, "accounts/keys.html", context)


@require_POST
@require_person
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponseBase:
    """One key less."""
    done = _("The key is revoked. Whatever used it is refused from now on.")
    return act(request, lambda: revoke_api_key(actor=request.actor, key_id=key_id), done=done, back_to="keys")
