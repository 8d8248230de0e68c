"""All settings of the product on one page, for its owners; each has a page of its own with what it was."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.pages.settings import setting_row, settings_page, version_rows
from apps.accounts.services.settings import change_setting, reset_setting, undo_setting
from apps.accounts.views.gates import require_owner
from olympus.kernel.errors import NotFound, OlympusError
from olympus.kernel.options import SettingChangedMeanwhile, option_named, read_text, versions_of

PAGE, ONE = "all_settings", "setting"
# A search is a few words.
_MAX_QUERY_CHARS = 200
# Older versions are read over REST.
_VERSIONS_SHOWN = 50
# Nobody changes a setting a billion times.
_MAX_VERSION_DIGITS = 9


@require_safe
@require_owner
def listing(request: HttpRequest) -> HttpResponseBase:
    """Every setting, or those that were searched for."""
    return _list(request, request.GET.get("q", ""))


@require_safe
@require_owner
def setting(request: HttpRequest, name: str) -> HttpResponseBase:
    """One setting and all it was."""
    return _one(request, name)


@require_POST
@require_owner
def change(request: HttpRequest, name: str) -> HttpResponseBase:
    """Another value."""
    text = request.POST.get("value", "")

    def work() -> None:
        value = read_text(option_named(name), text)
        change_setting(request.actor, name=name, value=value, expected_version=_version(request))

    return _act(request, name, work, typed=text)


@require_POST
@require_owner
def reset(request: HttpRequest, name: str) -> HttpResponseBase:
    """The default again."""
    return _act(request, name, lambda: reset_setting(request.actor, name=name, expected_version=_version(request)))


@require_POST
@require_owner
def undo(request: HttpRequest, name: str) -> HttpResponseBase:
    """What held before, or at a version."""
    to_version = _number(request, "to")
    return _act(
        request,
        name,
        lambda: undo_setting(request.actor, name=name, to_version=to_version, expected_version=_version(request)),
    )


def _act(request: HttpRequest, name: str, work: Callable[[], object], *, typed: str | None = None) -> HttpResponseBase:
    try:
        work()
    except NotFound:
        raise
    except SettingChangedMeanwhile as error:
        return _show(request, name, wrong_name=name, error=error.message, status=409)
    except OlympusError as error:
        return _show(request, name, wrong_name=name, error=error.message, typed=typed, status=422)
    messages.success(request, setting_row(request.actor, name).sentence)
    if _is_from_its_own_page(request):
        return redirect(ONE, name)
    query = request.POST.get("q", "")
    return redirect(reverse(PAGE) + (f"?{urlencode({'q': query})}" if query else ""))


def _show(request: HttpRequest, name: str, *, status: int, **wrong: str | None) -> HttpResponseBase:
    if _is_from_its_own_page(request):
        return _one(request, name, status=status, **wrong)
    return _list(request, request.POST.get("q", ""), status=status, **wrong)


def _is_from_its_own_page(request: HttpRequest) -> bool:
    return request.POST.get("page") == "one"


def _list(request: HttpRequest, query: str, *, status: int = 200, **wrong: str | None) -> HttpResponseBase:
    page = settings_page(request.actor, query=query[:_MAX_QUERY_CHARS].replace("\x00", ""))
    return render(request, "accounts/all_settings.html", {"all": page, "typed": None, **wrong}, status=status)


def _one(request: HttpRequest, name: str, *, status: int = 200, **wrong: str | None) -> HttpResponseBase:
    row = setting_row(request.actor, name)
    versions = version_rows(versions_of(name)[:_VERSIONS_SHOWN], row)
    context = {"row": row, "versions": versions, "shows_first": row.version < _VERSIONS_SHOWN, "typed": None, **wrong}
    return render(request, "accounts/setting.html", context, status=status)


def _version(request: HttpRequest) -> int | None:
    """The version the person saw; a form without one changes what there is."""
    return _number(request, "version")


def _number(request: HttpRequest, field: str) -> int | None:
    text = request.POST.get(field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_VERSION_DIGITS else None
