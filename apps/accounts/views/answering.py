"""How account pages turn our errors into words on the page."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from olympus.kernel.errors import OlympusError


def put_on_form(form: forms.Form, error: OlympusError) -> None:
    """This will show an error beside the field it is about, else above the form."""
    field = getattr(error, "field", None) or {"email_taken": "email"}.get(error.code)
    form.add_error(field if field in form.fields else None, error.message)


def act(request: HttpRequest, work: Callable[[], object], *, done: str, back_to: str) -> HttpResponseRedirect:
    """This will do something and go back to a page that says how it went."""
    try:
        work()
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect(back_to)
