"""Errors on the REST door: our error tree and DRF's own become problem details (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from olympus.kernel.db import is_away
from olympus.kernel.errors import (
    Conflict,
    DatabaseUnavailable,
    Denied,
    Invalid,
    LimitReached,
    NotFound,
    OlympusError,
    Unavailable,
)
from olympus.kernel.rest import ChangedMeanwhile

logger = logging.getLogger(__name__)

API = "/api/"
MEDIA_TYPE = "application/problem+json"
# The first class that fits decides.
_STATUS: dict[type[OlympusError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Denied: HTTPStatus.FORBIDDEN,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    ChangedMeanwhile: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
# Django's own, of which the first that fits decides too.
_PLAIN: dict[type[Exception], tuple[HTTPStatus, str]] = {
    Http404: (HTTPStatus.NOT_FOUND, "not_found"),
    PermissionDenied: (HTTPStatus.FORBIDDEN, "denied"),
    RequestDataTooBig: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    SuspiciousOperation: (HTTPStatus.BAD_REQUEST, "malformed"),
    UnreadablePostError: (HTTPStatus.BAD_REQUEST, "malformed"),
}


class ApiProblemsMiddleware(MiddlewareMixin):
    """Below /api/ every error is problem details: also an unknown address, a host not served, and what broke."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """This will answer again, in problem details, what another layer answered with a page."""
        is_page = response.status_code >= HTTPStatus.BAD_REQUEST and "json" not in response.get("Content-Type", "")
        if not is_page or not request.path_info.startswith(API):
            return response
        status = HTTPStatus(response.status_code)
        code = _CODES.get(status, "internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "malformed")
        body = _problem(status, code, _SENTENCES.get(status, status.phrase))
        kept = {name: response[name] for name in ("Allow", "Retry-After") if response.has_header(name)}
        problem = JsonResponse(body, status=status, headers=kept, content_type=MEDIA_TYPE)
        problem._has_been_logged = getattr(response, "_has_been_logged", False)  # type: ignore[attr-defined]  # noqa: SLF001
        return problem


_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.FORBIDDEN: "denied",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
_SENTENCES = {
    HTTPStatus.NOT_FOUND: "The API has no such address. See /api/v1/docs/.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something Olympus needs does not answer at the moment; try again.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke on our side. Try again, and tell the operator if it stays so.",
}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """This will answer an error with problem details; None lets an unknown one become a 500."""
    if is_away(error):
        logger.warning("%s: the database does not answer", context["request"].path)
        error = DatabaseUnavailable()
    if isinstance(error, OlympusError):
        body, headers = problem_of(error), _retry_headers(error)
    elif kind := next((kind for kind in _PLAIN if isinstance(error, kind)), None):
        status, code = _PLAIN[kind]
        body, headers = _problem(status, code, status.phrase), {}
    elif isinstance(error, exceptions.APIException):
        body, headers = _framework_problem(error), _framework_headers(error)
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def problem_of(error: OlympusError) -> dict[str, Any]:
    """This will put one of our errors into the members of RFC 9457, with `code` and `field` beside them."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    body = _problem(status, error.code, error.message)
    if isinstance(error, Invalid) and error.field:
        body["field"] = error.field
    return body


def _problem(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }


def _framework_problem(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        field, detail = _first_fault(error.detail)
        body = _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail)
        return {**body, "field": field} if field else body
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "error"
    return _problem(error.status_code, {"not_authenticated": "unauthenticated"}.get(code, code), str(error.detail))


def _first_fault(detail: Any, path: str = "") -> tuple[str, str]:
    """The first fault of DRF's nested answer, its place as `a.b.0`."""
    if isinstance(detail, dict) and detail:
        name, inner = next((name, inner) for name, inner in detail.items() if inner)
        return _first_fault(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    if isinstance(detail, list) and detail:
        index = next((index for index, inner in enumerate(detail) if inner), 0)
        inner = detail[index]
        return _first_fault(inner, path if isinstance(inner, str) else f"{path}.{index}".lstrip("."))
    return path, str(detail)


def _retry_headers(error: OlympusError) -> dict[str, str]:
    if isinstance(error, LimitReached) and error.retry_after_s is not None:
        return {"Retry-After": str(max(1, round(error.retry_after_s)))}
    return {}


def _framework_headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers
