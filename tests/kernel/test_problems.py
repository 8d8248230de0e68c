"""Errors on the REST door as problem details."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from olympus.kernel.errors import (
    Conflict,
    Denied,
    Invalid,
    LimitReached,
    NotFound,
    OlympusError,
    Unavailable,
)
from olympus.problems import problem_response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound(), 404, "not_found"),
        (Denied(), 403, "denied"),
        (Invalid(), 422, "invalid"),
        (Conflict(), 409, "conflict"),
        (LimitReached(), 429, "limit_reached"),
        (Unavailable(), 503, "unavailable"),
        (OlympusError(), 400, "error"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "denied"),
        (exceptions.NotAuthenticated(), 401, "unauthenticated"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
    ],
)
def test_each_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    response = problem_response(error, {})

    assert response is not None
    assert (response.status_code, response.data["status"], response.data["code"]) == (status, status, code)
    assert response.content_type == "application/problem+json"
    assert {"type", "title", "detail"} <= response.data.keys()


def test_the_field_that_is_wrong_is_named() -> None:
    ours = problem_response(Invalid("Too long.", field="name"), {})
    nested = problem_response(exceptions.ValidationError({"items": [{}, {"size": ["A number, please."]}]}), {})

    assert ours is not None
    assert nested is not None
    assert (ours.data["field"], ours.data["detail"]) == ("name", "Too long.")
    assert (nested.data["field"], nested.data["detail"]) == ("items.1.size", "A number, please.")


def test_a_limit_says_when_to_come_back() -> None:
    ours = problem_response(LimitReached(retry_after_s=1.6), {})
    theirs = problem_response(exceptions.Throttled(wait=30), {})

    assert ours is not None
    assert theirs is not None
    assert (ours.headers["Retry-After"], theirs.headers["Retry-After"]) == ("2", "30")


def test_what_nobody_foresaw_stays_an_error() -> None:
    assert problem_response(ZeroDivisionError(), {}) is None
