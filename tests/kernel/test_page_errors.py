"""Our errors on pages get the pages Django has for them."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from olympus.kernel.errors import Conflict, Denied, Invalid, LimitReached, NotFound, OlympusError, Unavailable

KINDS = {kind.code: kind for kind in (NotFound, Denied, Invalid, Conflict, LimitReached, Unavailable)}


def fail(_: HttpRequest, code: str) -> HttpResponse:
    raise KINDS[code]("In words.")


urlpatterns = [path("fail/<str:code>", fail), path("", include("olympus.urls"))]


@pytest.mark.parametrize(
    ("kind", "status"),
    [(NotFound, 404), (Denied, 403), (Invalid, 400), (Conflict, 400), (LimitReached, 429), (Unavailable, 503)],
)
def test_each_error_has_its_status(kind: type[OlympusError], status: int, settings: Settings, db: None) -> None:
    settings.ROOT_URLCONF = __name__

    answer = Client().get(f"/fail/{kind.code}")

    assert answer.status_code == status
    assert answer["X-Frame-Options"] == "DENY"
