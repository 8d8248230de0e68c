"""One model of a server on a page of its own: what it is, copies, what is made of it, who may use it, its end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.inference.errors import ModelError
from apps.inference.managing.access import model_on, server_for_managing
from apps.inference.managing.changing import copy_model, delete_model, send_adapter, show_model
from apps.inference.managing.depending import dependents_of
from apps.inference.managing.forms import AccessForm, CopyForm, CreateForm
from apps.inference.managing.ordering import order_creation
from apps.inference.managing.pages import facts_of, people_choices
from apps.inference.managing.rules import last_change_of, limit_model, open_model, rule_for, undo_access
from apps.inference.managing.views import PAGE, asked_model, done, put_on
from apps.inference.managing.wording import capability_words
from apps.inference.views import for_administrators
from olympus.kernel.errors import NotFound, OlympusError


@require_safe
@for_administrators
def show(request: Any, provider_id: UUID) -> HttpResponseBase:
    """What a model is; its server is asked."""
    return _show(request, provider_id, asked_model(request.GET))


@require_POST
@for_administrators
def copy(request: Any, provider_id: UUID) -> HttpResponseBase:
    """A second name."""
    model, form = asked_model(request.POST), CopyForm(request.POST)
    if form.is_valid():
        try:
            name = copy_model(request.actor, provider_id=provider_id, model=model, name=form.cleaned_data["name"])
        except NotFound:
            raise
        except OlympusError as error:
            put_on(form, error)
        else:
            messages.success(request, _("%(model)s is copied to %(name)s.") % {"model": model, "name": name})
            return redirect(PAGE)
    return _show(request, provider_id, model, form)


@require_POST
@for_administrators
def delete(request: Any, provider_id: UUID) -> HttpResponseBase:
    """Its end on this server."""
    model = asked_model(request.POST)
    said = _("%(model)s is deleted.") % {"model": model}
    return done(request, lambda: delete_model(request.actor, provider_id=provider_id, model=model), said)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def create(request: Any, provider_id: UUID) -> HttpResponseBase:
    """A model made of this one."""
    base = asked_model(request.POST if request.method == "POST" else request.GET)
    provider = server_for_managing(request.actor, provider_id)
    name = model_on(provider, base)
    form = CreateForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _created(request, provider_id, name, form):
        return redirect(PAGE)
    context = {"provider": provider, "base": name, "form": form}
    return render(request, "inference/models_create.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def access(request: Any) -> HttpResponseBase:
    """Who may use a model, on whichever server it is."""
    model = asked_model(request.POST if request.method == "POST" else request.GET)
    people = people_choices(request.actor)
    form = AccessForm(request.POST or None, people=people, initial=_initial(request, model))
    if request.method == "POST" and form.is_valid() and _opened(request, model, form):
        messages.success(request, _("Who may use %(model)s is saved.") % {"model": model})
        return redirect(PAGE)
    context = {"model": model, "form": form, "last_change": last_change_of(request.actor.organization_id, model)}
    return render(request, "inference/models_access.html", context, status=422 if form.errors else 200)


@require_POST
@for_administrators
def undo_access_change(request: Any) -> HttpResponseBase:
    """Who might use it before the last change."""
    model, version = asked_model(request.POST), request.POST.get("version", "")
    said = _("Who may use %(model)s is as it was before.") % {"model": model}
    return done(request, lambda: undo_access(request.actor, model=model, version=version), said)


def _initial(request: Any, model: str) -> dict[str, Any]:
    rule = rule_for(request.actor.organization_id, model)
    if rule is None:
        return {"everybody": "1"}
    return {"everybody": "", "roles": rule.roles, "people": [str(user_id) for user_id in rule.user_ids]}


def _opened(request: Any, model: str, form: AccessForm) -> bool:
    data = form.cleaned_data
    try:
        if data["everybody"]:
            open_model(request.actor, model=model)
        else:
            limit_model(request.actor, model=model, roles=data["roles"], user_ids=form.user_ids())
    except OlympusError as error:
        put_on(form, error)
        return False
    return True


def _created(request: Any, provider_id: UUID, base: str, form: CreateForm) -> bool:
    made_of, file = form.made_of(), form.cleaned_data["adapter"]
    try:
        if file:
            made_of["adapter"] = send_adapter(
                request.actor, provider_id=provider_id, file=file.file, size_bytes=file.size
            )
        job = order_creation(
            request.actor, provider_id=provider_id, model=form.cleaned_data["name"], base=base, **made_of
        )
    except OlympusError as error:
        put_on(form, error)
        return False
    messages.success(request, _("%(model)s is being made.") % {"model": job.model})
    return True


def _show(request: Any, provider_id: UUID, model: str, form: CopyForm | None = None) -> HttpResponseBase:
    actor = request.actor
    provider = server_for_managing(actor, provider_id)
    name = model_on(provider, model)
    info = next(info for info in provider.infos if info.name == name)
    told, trouble = None, ""
    try:
        told = show_model(actor, provider_id=provider_id, model=name).told
    except ModelError as error:
        trouble = error.message
    dependents = dependents_of(actor.organization_id, provider_id, name)
    tiers = [_("the tier %(tier)s") % {"tier": tier} for tier in dependents.tiers]
    context = {
        "provider": provider,
        "name": name,
        "missed": ", ".join([*tiers, *dependents.others]),
        "info": info,
        "facts": facts_of(info),
        "capabilities": capability_words(info.capabilities),
        "told": told,
        "trouble": trouble,
        "dependents": dependents,
        "form": form or CopyForm(),
        "query": urlencode({"model": name}),
        "create": f"{reverse('model_create', args=[provider_id])}?{urlencode({'model': name})}",
    }
    return render(request, "inference/models_one.html", context, status=422 if form else 200)
