"""A person's API keys."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.facade import require_person
from apps.accounts.forms import KeyChangeForm, KeyForm
from apps.accounts.model_names import model_names
from apps.accounts.selectors import keys_of
from apps.accounts.services.keys import change_api_key, create_api_key, grantable_scopes, revoke_api_key
from apps.accounts.views.answering import act, put_on_form
from olympus.kernel.actor import Scope
from olympus.kernel.errors import OlympusError

PAGE = "keys"


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def keys(request: HttpRequest) -> HttpResponseBase:
    """The list, the form, and once a new key itself."""
    models, scopes = model_names(request.actor.organization_id), grantable_scopes(request.actor)
    form, new_key = KeyForm(request.POST or None, models=models, scopes=scopes), None
    if request.method == "POST" and form.is_valid():
        try:
            _key, new_key = create_api_key(actor=request.actor, **_chosen(form))
        except OlympusError as error:
            put_on_form(form, error)
        else:
            form = KeyForm(models=models, scopes=scopes)
    context = {"form": form, "new_key": new_key, "keys": keys_of(request.actor), "now": timezone.now()}
    return render(request, "accounts/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def key(request: HttpRequest, key_id: UUID) -> HttpResponseBase:
    """One key: its name and the models it may use."""
    row = keys_of(request.actor).filter(pk=key_id, revoked_at=None).first()
    if row is None:
        raise Http404(_("There is no such key."))
    # What it is held to stays a choice also while that model is not connected.
    models = list(dict.fromkeys([*model_names(request.actor.organization_id), *row.allowed_models]))
    initial = {"name": row.name, "allowed_models": row.allowed_models}
    form = KeyChangeForm(request.POST or None, models=models, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_api_key(actor=request.actor, key_id=key_id, **form.cleaned_data)
        except OlympusError as error:
            put_on_form(form, error)
        else:
            messages.success(request, _("The key is changed."))
            return redirect(PAGE)
    return render(request, "accounts/key.html", {"form": form, "key": row, "now": timezone.now()})


@require_POST
@require_person
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponseBase:
    """One key less."""
    done = _("The key is revoked. Whatever used it is refused from now on.")
    return act(request, lambda: revoke_api_key(actor=request.actor, key_id=key_id), done=done, back_to=PAGE)


def _chosen(form: KeyForm) -> dict[str, Any]:
    chosen = form.cleaned_data
    return {
        "name": chosen["name"],
        "scopes": [Scope(scope) for scope in chosen["scopes"]],
        "expires_at": form.expires_at(),
        "allowed_models": chosen.get("allowed_models", []),
    }
