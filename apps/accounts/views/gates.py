"""Pages that not everybody may open."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.access import check_administers, check_owns_everything
from apps.accounts.facade import View, require_person
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied


def require_administrator(view: View) -> View:
    """This will open a view to owners and administrators in person."""
    return _behind(check_administers, view)


def require_owner(view: View) -> View:
    """This will open a view to owners of this Olympus in person."""
    return _behind(check_owns_everything, view)


def _behind(check: Callable[[Actor], None], view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            check(request.actor)
        except Denied as error:
            raise PermissionDenied from error
        return view(request, *args, **kwargs)

    return require_person(checked)
