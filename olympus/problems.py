"""Errors on the REST door: our error tree and DRF's own become problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from olympus.kernel.errors import Conflict, Denied, Invalid, LimitReached, NotFound, OlympusError, Unavailable

MEDIA_TYPE = "application/problem+json"
# The first class that fits decides.
_STATUS: dict[type[OlympusError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Denied: HTTPStatus.FORBIDDEN,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
    LimitReached: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """This will answer an error with problem details; None lets an unknown one become a 500."""
    if isinstance(error, OlympusError):
        body, headers = problem_of(error), _retry_headers(error)
    elif isinstance(error, Http404 | PermissionDenied):
        missing = isinstance(error, Http404)
        status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.FORBIDDEN
        body, headers = _problem(status, "not_found" if missing else "denied", status.phrase), {}
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
