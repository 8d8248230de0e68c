"""The Models page: what there is, what is on its way, and who may use it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.facade import require_person
from apps.inference.managing.changing import load_model, unload_model
from apps.inference.managing.forms import PullForm
from apps.inference.managing.ordering import cancel_job, order_pull, retry_job
from apps.inference.managing.pages import ModelsPage, models_page
from apps.inference.memory.pinning import pin_model, unpin_model_on
from apps.inference.views import for_administrators
from olympus.kernel.errors import Denied, NotFound, OlympusError

PAGE = "models"


@require_safe
@require_person
def listing(request: Any) -> HttpResponseBase:
    """The models one may use; for administrators also what can be done with them."""
    return _show(request, models_page(request.actor))


@require_POST
@for_administrators
def pull(request: Any) -> HttpResponseBase:
    """Have a server fetch a model."""
    page = models_page(request.actor)
    form = PullForm(request.POST, servers=page.servers)
    if form.is_valid():
        try:
            job = order_pull(request.actor, **form.values())
        except OlympusError as error:
            put_on(form, error)
        else:
            messages.success(request, _("%(model)s is on its way.") % {"model": job.model})
            return redirect(PAGE)
    return _show(request, page, form)


@require_POST
@for_administrators
def cancel(request: Any, job_id: UUID) -> HttpResponseBase:
    """Stop one on its way."""
    return done(request, lambda: cancel_job(request.actor, job_id=job_id), _("It is cancelled."))


@require_POST
@for_administrators
def retry(request: Any, job_id: UUID) -> HttpResponseBase:
    """Once more what failed."""
    return done(request, lambda: retry_job(request.actor, job_id=job_id), _("It is on its way again."))


@require_POST
@for_administrators
def load(request: Any, provider_id: UUID) -> HttpResponseBase:
    """Into memory."""
    model = asked_model(request.POST)
    said = _("%(model)s is being loaded.") % {"model": model}
    return done(request, lambda: load_model(request.actor, provider_id=provider_id, model=model), said)


@require_POST
@for_administrators
def unload(request: Any, provider_id: UUID) -> HttpResponseBase:
    """Out of memory."""
    model = asked_model(request.POST)
    said = _("%(model)s is unloaded.") % {"model": model}
    return done(request, lambda: unload_model(request.actor, provider_id=provider_id, model=model), said)


@require_POST
@for_administrators
def pin(request: Any, provider_id: UUID) -> HttpResponseBase:
    """Into memory, to stay there."""
    model = asked_model(request.POST)
    said = _("%(model)s is pinned: it stays in memory from now on.") % {"model": model}
    return done(request, lambda: pin_model(request.actor, provider_id=provider_id, model=model), said)


@require_POST
@for_administrators
def unpin(request: Any, provider_id: UUID) -> HttpResponseBase:
    """It may go again."""
    model = asked_model(request.POST)
    said = _("%(model)s is not pinned any more: it goes when nobody uses it.") % {"model": model}
    return done(request, lambda: unpin_model_on(request.actor, provider_id=provider_id, model=model), said)


def asked_model(values: Any) -> str:
    """This will read which model a request is about.

    Raises:
        Http404: it names none that could be.
    """
    name: str = values.get("model", "")
    if not 0 < len(name) <= 200 or "\0" in name:
        raise Http404
    return name


def put_on(form: forms.Form, error: OlympusError) -> None:
    """This will say what is wrong at the field it is about."""
    field = (getattr(error, "field", None) or "").rpartition(".")[2]
    field = {"file": "adapter"}.get(field, "name" if field == "model" and "name" in form.fields else field)
    field = field or ("name" if error.code == "name_taken" else "model" if error.code == "already_under_way" else "")
    form.add_error(field if field in form.fields else None, error.message)


def done(request: Any, work: Callable[[], object], said: str) -> HttpResponseBase:
    """This will do what was asked, say how it went, and lead back to the models.

    Raises:
        NotFound, Denied: there is nothing of it to be told.
    """
    try:
        work()
    except (NotFound, Denied):
        raise
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect(PAGE)


def _show(request: Any, page: ModelsPage, form: PullForm | None = None) -> HttpResponseBase:
    context = {"models": page, "form": form or PullForm(servers=page.servers)}
    return render(request, "inference/models.html", context, status=422 if form else 200)
