"""The Providers page: which model servers there are, and whether they answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.facade import require_person
from apps.inference import services
from apps.inference.access import provider_for_changing, require_administrator
from apps.inference.forms import ProviderChangeForm, ProviderForm
from apps.inference.pages import provider_row, provider_rows
from olympus.kernel.errors import Denied, NotFound, OlympusError

PAGE = "providers"
View = Callable[..., HttpResponseBase]


def for_administrators(view: View) -> View:
    """This will open a view to owners and administrators in person; what they may not see is not there."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            require_administrator(request.actor)
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except Denied as error:
            raise PermissionDenied from error

    return require_person(checked)


@require_safe
@for_administrators
def listing(request: HttpRequest) -> HttpResponseBase:
    """All providers of the organization."""
    return _show(request)


@require_POST
@for_administrators
def add(request: HttpRequest) -> HttpResponseBase:
    """A new provider, asked at once for its models."""
    form = ProviderForm(request.POST)
    if form.is_valid():
        try:
            provider = services.add_provider(request.actor, **form.values())
        except OlympusError as error:
            _put_on_form(form, error)
        else:
            _tell(request, provider)
            return redirect(PAGE)
    return _show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def change(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """Another name, address or key."""
    provider = provider_for_changing(request.actor, provider_id)
    initial = {
        "name": provider.name,
        "base_url": provider.base_url,
        "priority": provider.priority,
        "weight": provider.weight,
    }
    form = ProviderChangeForm(request.POST or None, initial=initial, has_key=provider.has_key)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_provider(request.actor, provider_id=provider_id, **form.values())
            _tell(request, services.test_provider(request.actor, provider_id=provider_id))
        except OlympusError as error:
            _put_on_form(form, error)
        else:
            return redirect(PAGE)
    form.focus_first_error()
    return render(request, "inference/provider.html", {"provider": provider_row(provider), "form": form})


@require_POST
@for_administrators
def test(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """Whether it answers now."""
    _tell(request, services.test_provider(request.actor, provider_id=provider_id))
    return redirect(PAGE)


@require_POST
@for_administrators
def switch(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """On or off; one that is off is neither asked nor offered."""
    is_enabled = request.POST.get("on") == "1"
    provider = services.change_provider(request.actor, provider_id=provider_id, is_enabled=is_enabled)
    messages.success(
        request,
        (_("%(name)s is used from now on.") if is_enabled else _("%(name)s is not used from now on."))
        % {"name": provider.name},
    )
    return redirect(PAGE)


@require_POST
@for_administrators
def remove(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """Forgotten, with its key."""
    provider = provider_for_changing(request.actor, provider_id)
    try:
        services.remove_provider(request.actor, provider_id=provider_id)
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("%(name)s is removed.") % {"name": provider.name})
    return redirect(PAGE)


def _show(request: HttpRequest, form: ProviderForm | None = None) -> HttpResponseBase:
    if form:
        form.focus_first_error()
    context = {"providers": provider_rows(request.actor), "form": form or ProviderForm()}
    return render(request, "inference/providers.html", context, status=422 if form else 200)


def _tell(request: HttpRequest, provider: Any) -> None:
    row = provider_row(provider)
    if row.error:
        messages.warning(
            request, _("%(name)s does not answer as it should. %(error)s") % {"name": row.name, "error": row.error}
        )
    elif row.model_count:
        models = ngettext("%(n)s model", "%(n)s models", row.model_count) % {"n": row.model_count}
        messages.success(request, _("%(name)s answers and offers %(models)s.") % {"name": row.name, "models": models})
    else:
        messages.warning(request, _("%(name)s answers, but has no model yet. Install one there.") % {"name": row.name})


def _put_on_form(form: forms.Form, error: OlympusError) -> None:
    field = getattr(error, "field", None) or {"address_refused": "base_url", "conflict": "name"}.get(error.code)
    form.add_error(field if field in form.fields else None, error.message)
