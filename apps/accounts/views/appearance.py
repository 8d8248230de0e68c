"""How pages look, in which language, and what becomes of answers that break off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.facade import person, require_person
from apps.accounts.forms import AnswersForm, AppearanceForm
from apps.accounts.pages.preferences import preference_rows
from apps.accounts.services.preferences import choose_language, choose_switching, choose_theme, undo_preference
from apps.accounts.views.answering import act


@require_http_methods(["GET", "HEAD", "POST"])
@require_person
def appearance(request: HttpRequest) -> HttpResponseBase:
    """Theme and language, on every device of the person; and below, who may go on with answers."""
    who = person(request.actor)
    if request.method == "POST" and "answers" in request.POST:
        return _answers(request)
    initial = {"theme": who.theme, "language": who.language}
    form = AppearanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        if form.is_chosen("theme"):
            choose_theme(actor=request.actor, theme=form.cleaned_data["theme"])
        if form.is_chosen("language"):
            choose_language(actor=request.actor, language=language)
        with translation.override(language or translation.get_language()):
            messages.success(request, _("Saved. All your devices follow."))
        return redirect("appearance")
    answers = AnswersForm(initial={"may_switch_server": who.may_switch_server})
    context = {"form": form, "answers": answers, "changes": preference_rows(request.actor)}
    return render(request, "accounts/appearance.html", context)


def _answers(request: HttpRequest) -> HttpResponse:
    form = AnswersForm(request.POST)
    form.is_valid()  # a box is checked or not: nothing else can be said by it
    choose_switching(actor=request.actor, may_switch_server=form.cleaned_data["may_switch_server"])
    messages.success(request, _("Saved. It counts from the next answer on."))
    return redirect("appearance")


@require_POST
@require_person
def undo(request: HttpRequest) -> HttpResponseBase:
    """What one preferred before."""
    name, version = request.POST.get("preference", ""), request.POST.get("version")
    return act(
        request,
        lambda: undo_preference(actor=request.actor, name=name, version=version),
        done=_("Taken back. All your devices follow."),
        back_to="appearance",
    )


@require_POST
@require_person
def theme(request: HttpRequest) -> HttpResponseBase:
    """How pages look; the theme button asks for it."""
    choose_theme(actor=request.actor, theme=request.POST.get("theme", ""))
    return HttpResponse(status=204)
