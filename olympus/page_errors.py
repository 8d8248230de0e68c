"""Errors on pages: our error tree becomes the answers Django has pages for."""

import logging

from django.core.exceptions import BadRequest, PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

from olympus.kernel.db import is_away
from olympus.kernel.errors import DatabaseUnavailable, Denied, LimitReached, NotFound, OlympusError, Unavailable

logger = logging.getLogger(__name__)

# A database that was restarted is back by then.
_TRY_AGAIN_S = 5
_STATUS: dict[type[OlympusError], int] = {LimitReached: 429, Unavailable: 503}


class PageErrorsMiddleware(MiddlewareMixin):
    """Answers what a view let pass; the REST door has translated its own before."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """This will answer one of our errors by its page; None leaves any other to Django."""
        if is_away(error):
            return database_away(request)
        if not isinstance(error, OlympusError):
            return None
        if isinstance(error, NotFound):
            return response_for_exception(request, Http404(error.message))
        if isinstance(error, Denied):
            return response_for_exception(request, PermissionDenied(error.message))
        for kind, status in _STATUS.items():
            if isinstance(error, kind):
                logger.warning("%s: %s", request.path, error.message)
                return HttpResponse(error.message, status=status, content_type="text/plain; charset=utf-8")
        return response_for_exception(request, BadRequest(error.message))


def database_away(request: HttpRequest) -> HttpResponse:
    """This will say that the database does not answer: in words without a look into it, and in the log by one line."""
    logger.warning("%s: the database does not answer", request.path)
    # No request: what a page knows of its reader would ask the database.
    body = render_to_string("503.html", {"said": DatabaseUnavailable().message})
    response = HttpResponse(body, status=503, headers={"Retry-After": str(_TRY_AGAIN_S)})
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response
