"""A database that is away: said in words and at once, logged in one line, and found again as soon as it is back."""

import asyncio
import json
import logging
from pathlib import Path
from threading import Event, Semaphore

import psycopg
import pytest
from django.conf import settings as configured
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from psycopg_pool import ConnectionPool, PoolTimeout
from redis import ConnectionError as ValkeyAway
from rest_framework.response import Response
from rest_framework.views import APIView

from olympus.kernel import db, metrics
from olympus.kernel.db import in_thread, is_away
from olympus.kernel.logs import JsonLines, Outages


def away(cause: Exception) -> OperationalError:
    error = OperationalError("no answer")
    error.__cause__ = cause
    return error


GONE = away(PoolTimeout("couldn't get a connection after 5.00 sec"))


def fail(_: HttpRequest) -> HttpResponse:
    raise GONE


class Fail(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, _: HttpRequest) -> Response:
        raise GONE


urlpatterns = [path("fail", fail), path("api/v1/fail", Fail.as_view()), path("", include("olympus.urls"))]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (GONE, True),
        (away(psycopg.errors.AdminShutdown()), True),
        (away(psycopg.errors.CannotConnectNow()), True),
        (away(psycopg.errors.TooManyConnections()), True),
        (InterfaceError("connection already closed"), True),
        (away(psycopg.errors.QueryCanceled()), False),
        (away(psycopg.errors.DeadlockDetected()), False),
        (DataError("a NUL"), False),
        (RuntimeError("a bug"), False),
        (None, False),
    ],
)
def test_a_query_that_fails_is_no_outage(error: BaseException | None, expected: bool) -> None:
    assert is_away(error) is expected


@override_settings(ROOT_URLCONF=__name__)
def test_a_page_says_that_the_database_is_away(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().get("/fail")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "The database does not answer at the moment." in answer.content.decode()
    assert [(each.levelname, each.exc_info) for each in caplog.records] == [("WARNING", None)]


@override_settings(ROOT_URLCONF=__name__)
def test_a_program_is_told_in_problem_details() -> None:
    answer = Client().get("/api/v1/fail")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["detail"].startswith("The database does not answer")


def logged(error: Exception, message: str = "Task failed: %s\n%s") -> dict[str, str]:
    record = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, message, ("why", "stack"), None)
    record.exc_info = (type(error), error, None)
    assert Outages().filter(record)
    found: dict[str, str] = json.loads(JsonLines().format(record))
    return found


@pytest.mark.parametrize("error", [GONE, ValkeyAway("refused")])
def test_an_outage_is_one_line_in_the_log(error: Exception) -> None:
    said = logged(error)

    assert (said["level"], "error" in said) == ("WARNING", False)
    assert said["message"] == f"Task failed: why ({type(error).__name__}: a store does not answer)"


def test_what_is_broken_keeps_its_traceback() -> None:
    said = logged(RuntimeError("a bug"))

    assert (said["level"], said["message"]) == ("ERROR", "Task failed: why\nstack")
    assert "RuntimeError: a bug" in said["error"]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of this test's own."""
    monkeypatch.setattr(db, "_waits", db._Waits())


@pytest.mark.usefixtures("waits")
async def test_who_waits_behind_others_fails_as_soon_as_they_do() -> None:
    may_fail, begun, asked = Event(), Semaphore(0), []

    def wait_in_vain() -> None:
        asked.append(1)
        begun.release()
        may_fail.wait(10)
        raise GONE

    waiting = [asyncio.create_task(in_thread(wait_in_vain)) for _ in range(20)]
    for _ in range(4):
        await asyncio.to_thread(begun.acquire, timeout=10)
    may_fail.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(is_away(each) for each in outcomes if isinstance(each, Exception))
    assert len(outcomes) == 20
    assert len(asked) <= 8


@pytest.mark.usefixtures("waits")
async def test_a_restart_makes_nobody_else_fail() -> None:
    def break_off() -> None:
        raise away(psycopg.errors.AdminShutdown())

    with pytest.raises(OperationalError):
        await in_thread(break_off)

    assert await in_thread(lambda: "goes on") == "goes on"


def test_a_scraper_waits_for_the_database_once() -> None:
    asked: list[str] = []

    def measure(name: str) -> list[tuple[tuple[str, ...], float]]:
        asked.append(name)
        raise GONE

    names = ("olympus_test_one", "olympus_test_two")
    before = dict(metrics._measured)
    metrics._measured.clear()
    try:
        for name in names:
            metrics.register_measure(name, "Breaks.", (), lambda name=name: measure(name))  # type: ignore[misc]
        text = metrics.rendered().decode()
    finally:
        metrics._measured.clear()
        metrics._measured.update(before)

    assert asked == ["olympus_test_one"]
    assert all(f'olympus_measure_failed{{name="{name}"}} 1.0' in text for name in names)


def test_after_a_long_outage_the_first_who_asks_is_connected(tmp_path: Path) -> None:
    options = configured.DATABASES["default"]["OPTIONS"]["pool"]
    real = {name: value for name, value in db.connection_parameters().items() if name != "autocommit"}
    where = {**real, "host": str(tmp_path)}
    with ConnectionPool(kwargs=lambda: where, open=True, **options) as pool:
        with pytest.raises(PoolTimeout):
            pool.getconn(timeout=options["reconnect_timeout"] + 0.5)
        where["host"] = real["host"]

        with pool.connection(timeout=1.5) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
