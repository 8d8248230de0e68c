"""What a person changes about themselves."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.adapter import is_mail_configured
from apps.accounts.facade import person, require_person
from apps.accounts.forms import EmailForm, ProfileForm
from apps.accounts.selectors import second_factors_of
from apps.accounts.services.people import change_email, rename
from apps.accounts.views.answering import put_on_form
from olympus.kernel.errors import OlympusError


@require_GET
@require_person
def settings_start(request: HttpRequest) -> HttpResponseBase:
    """Settings begin with the person."""
    return redirect("profile")


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def profile(request: HttpRequest) -> HttpResponseBase:
    """What the person is called and under which address."""
    who = person(request.actor)
    form = ProfileForm(request.POST or None, initial={"name": who.name})
    if request.method == "POST" and form.is_valid():
        rename(actor=request.actor, name=form.cleaned_data["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("profile")
    return render(request, "accounts/profile.html", _context(form=form))


@sensitive_post_parameters("current_password")
@require_POST
@require_person
def email(request: HttpRequest) -> HttpResponseBase:
    """A new address where no mail can confirm it; with mail, allauth's page asks for a confirmation."""
    if is_mail_configured():
        return redirect("account_email")
    form = EmailForm(request.POST)
    if form.is_valid():
        if not get_adapter().reauthenticate(request.user, form.cleaned_data["current_password"]):
            form.add_error("current_password", _("This is not your password."))
        else:
            try:
                change_email(actor=request.actor, email=form.cleaned_data["email"])
            except OlympusError as error:
                put_on_form(form, error)
            else:
                messages.success(request, _("Your address is changed. Use it to sign in from now on."))
                return redirect("profile")
    initial = {"name": person(request.actor).name}
    return render(request, "accounts/profile.html", _context(form=ProfileForm(initial=initial), email_form=form))


@require_GET
@require_person
def security(request: HttpRequest) -> HttpResponseBase:
    """The ways this person signs in, each leading to its page."""
    return render(request, "accounts/security.html", {"factors": second_factors_of(request.actor)})


def _context(*, form: ProfileForm, email_form: EmailForm | None = None) -> dict[str, object]:
    return {"form": form, "email_form": email_form or EmailForm(), "has_mail": is_mail_configured()}
