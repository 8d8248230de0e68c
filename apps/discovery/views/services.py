"""The list of services, and what its buttons do."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.discovery.forms import McpFileForm
from apps.discovery.pages.showing import proposed_words, services_page
from apps.discovery.services import deciding, proposing, proving, scanning
from apps.discovery.views.gates import for_administrators, put_on_form
from olympus.kernel.errors import Denied, NotFound, OlympusError

PAGE = "services"
# A file that is wrong all over says so by its first lines.
_SHOWN_PROBLEMS = 5


@require_safe
@for_administrators
def listing(request: HttpRequest) -> HttpResponseBase:
    """All that was found."""
    return _show(request, McpFileForm())


@require_POST
@for_administrators
def propose_file(request: HttpRequest) -> HttpResponseBase:
    """The tool servers another program is set up with."""
    form = McpFileForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            proposed = proposing.propose_mcp_file(request.actor, name=file.name, size_bytes=file.size, file=file.file)
        except Denied:
            raise
        except OlympusError as error:
            put_on_form(form, error)
        else:
            messages.success(request, proposed_words(len(proposed.services), proposed.new_count))
            for problem in proposed.problems[:_SHOWN_PROBLEMS]:
                messages.warning(request, problem)
            return redirect(PAGE)
    form.focus_first_error()
    return _show(request, form, status=422)


@require_POST
@for_administrators
def act(request: HttpRequest, service_id: UUID, verb: str) -> HttpResponseBase:
    """Add, ignore, restore, test or take back, for browsers without scripts."""
    try:
        said = _do(request, service_id, verb)
    except (NotFound, Denied):
        raise
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect(PAGE)


@require_POST
@for_administrators
def scan(request: HttpRequest) -> HttpResponseBase:
    """Look around now."""
    try:
        scanning.ask_for_scan(request.actor)
    except Denied:
        raise
    except OlympusError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The scan has begun."))
    return redirect(PAGE)


def _show(request: HttpRequest, form: McpFileForm, status: int = 200) -> HttpResponseBase:
    context = {"page": services_page(request.actor), "file_form": form}
    return render(request, "discovery/services.html", context, status=status)


def _do(request: HttpRequest, service_id: UUID, verb: str) -> str:
    """Do it, and say that it is done."""
    actor = request.actor
    if verb == "accept":
        service = deciding.accept(actor, service_id=service_id, api_key=request.POST.get("api_key", ""))
        return _("%(name)s is added and can be used at once.") % {"name": service}
    if verb == "ignore":
        return _("%(name)s is ignored from now on.") % {"name": deciding.ignore(actor, service_id=service_id)}
    if verb == "restore":
        return _("%(name)s is proposed again.") % {"name": deciding.restore(actor, service_id=service_id)}
    if verb == "test":
        return _("%(name)s is being tested.") % {"name": proving.ask_for_proof(actor, service_id=service_id)}
    raise Http404
