"""/healthz and /readyz."""

import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from olympus.health import CheckResult, run_checks
from olympus.kernel.errors import Unavailable


def fine() -> None:
    """A check that finds nothing."""


def failing_in_words() -> None:
    """A check that knows what to say."""
    raise Unavailable("The lamp is out.")


def failing_by_surprise() -> None:
    """A check whose error was not meant for people."""
    raise OSError("could not connect to 10.0.0.7 as admin")


@pytest.fixture
def silent() -> Iterator[threading.Event]:
    """What a check waits for that never answers; set when the test is over."""
    over = threading.Event()
    yield over
    over.set()


def test_each_check_is_named_with_its_reason() -> None:
    results = run_checks({"fine": fine, "lamp": failing_in_words}, limit_s=2)

    assert results == {"fine": CheckResult(ok=True), "lamp": CheckResult(ok=False, reason="The lamp is out.")}


def test_an_error_that_was_not_meant_for_people_gives_nothing_away() -> None:
    results = run_checks({"store": failing_by_surprise}, limit_s=2)

    assert results["store"] == CheckResult(ok=False, reason="does not answer (OSError)")


def test_a_silent_check_does_not_hold_up_the_others(silent: threading.Event) -> None:
    results = run_checks({"fine": fine, "silent": lambda: bool(silent.wait(60)) and None}, limit_s=0.2)

    assert results["fine"].ok
    assert results["silent"] == CheckResult(ok=False, reason="no answer within 0.2 seconds")


def test_healthz_needs_nothing(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db(transaction=True)
def test_readyz_names_the_stores_and_the_missing_worker(client: Client) -> None:
    answer = client.get("/readyz")

    checks = answer.json()["checks"]
    assert answer.status_code == 503
    assert checks["postgres"]["ok"]
    assert checks["valkey"]["ok"]
    assert not checks["worker"]["ok"]
