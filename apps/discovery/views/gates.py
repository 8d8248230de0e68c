"""Who may open the Services pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.facade import require_person
from apps.discovery.access import require_administrator
from olympus.kernel.errors import Denied, NotFound, OlympusError

View = Callable[..., HttpResponseBase]
# Refusals whose kind says which part of the form they are about.
_FIELDS = {
    "range_refused": "cidr",
    "range_too_large": "cidr",
    "range_not_private": "cidr",
    "range_malformed": "cidr",
    "ports_refused": "ports",
    "grant_too_long": "days",
    "reason_missing": "reason",
}


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


def put_on_form(form: forms.Form, error: OlympusError) -> None:
    """This will show an error at the field it is about, else above the form."""
    field = getattr(error, "field", None) or _FIELDS.get(error.code)
    form.add_error(field if field in form.fields else None, error.message)
