"""Numbers for Prometheus: who may read them, what they say, and that several processes add up."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from apps.accounts.services.keys import create_api_key
from olympus.kernel import metrics
from olympus.kernel.actor import Scope
from tests.support.cast import Someone

METRICS = "/metrics"
_CALL: dict[str, Any] = {
    "kind": "chat",
    "door": "gateway",
    "model": "m",
    "provider": "p",
    "cache": "",
    "state": "complete",
    "error_code": "",
    "input_tokens": 3,
    "output_tokens": 5,
    "cached_tokens": 0,
    "gpu_ms": 0,
    "ttft_ms": 120,
    "latency_ms": 900,
}


def call(**changes: Any) -> metrics.EndedCall:
    return replace(metrics.EndedCall(**_CALL), **changes)


def sample(name: str, **labels: str) -> float:
    """The number as it stands now; 0 for none."""
    for family in text_string_to_metric_families(metrics.rendered().decode()):
        for each in family.samples:
            if each.name == name and labels.items() <= each.labels.items():
                return each.value
    return 0.0


def test_strangers_and_members_do_not_see_the_numbers(member: Someone) -> None:
    assert Client().get(METRICS, headers={"Accept": "*/*"}).status_code == 401
    assert member.client().get(METRICS).status_code == 403


def test_who_administers_another_organization_reads_nothing(stranger: Someone) -> None:
    assert stranger.actor.may_administer
    assert stranger.client().get(METRICS).status_code == 403


def test_owners_and_their_administering_keys_do(owner: Someone) -> None:
    _, secret = create_api_key(actor=owner.actor, name="prometheus", scopes=[Scope.ADMIN])
    _, reading = create_api_key(actor=owner.actor, name="reader", scopes=[Scope.READ])

    by_page = owner.client().get(METRICS)
    by_key = Client().get(METRICS, headers={"Authorization": f"Bearer {secret}"})
    by_reader = Client().get(METRICS, headers={"Authorization": f"Bearer {reading}"})

    assert (by_page.status_code, by_key.status_code, by_reader.status_code) == (200, 200, 403)
    assert by_page["Content-Type"].startswith("text/plain")


def test_a_scraper_with_the_token_reads_them_and_one_with_another_does_not(db: None, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a long word"

    right = Client().get(METRICS, headers={"Authorization": "Bearer a long word"})
    wrong = Client().get(METRICS, headers={"Authorization": "Bearer another"})

    assert (right.status_code, wrong.status_code) == (200, 401)


def test_without_a_token_an_empty_one_opens_nothing(db: None, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert Client().get(METRICS, headers={"Authorization": "Bearer ", "Accept": "*/*"}).status_code == 401


def test_the_queue_is_measured_when_somebody_reads(db: None) -> None:
    text = metrics.rendered().decode()

    assert 'olympus_runs{state="waiting"} 0.0' in text
    assert 'olympus_runs{state="active"} 0.0' in text


def test_a_call_counts_its_tokens_and_times() -> None:
    before = sample("olympus_model_tokens_total", kind="output", model="m")

    metrics.note_call(call())

    assert sample("olympus_model_tokens_total", kind="output", model="m") == before + 5
    assert sample("olympus_model_calls_total", model="m", state="complete", door="gateway") >= 1
    assert sample("olympus_model_first_token_seconds_bucket", model="m", le="0.25") >= 1


def test_a_failed_call_counts_by_its_code_and_one_from_the_cache_has_no_first_token() -> None:
    metrics.note_call(call(model="cached", cache="exact", ttft_ms=1))
    metrics.note_call(call(state="error", error_code="unreachable"))

    assert sample("olympus_model_errors_total", code="unreachable") >= 1
    assert sample("olympus_model_first_token_seconds_count", model="cached") == 0


def test_more_names_than_a_team_uses_are_counted_together() -> None:
    names = metrics._Names()

    given = {names(f"model-{n}") for n in range(1000)}

    assert len(given) == metrics._MOST_NAMES + 1


def test_a_number_that_cannot_be_looked_up_takes_no_other_with_it() -> None:
    def breaks() -> list[tuple[tuple[str, ...], float]]:
        raise RuntimeError("no")

    metrics.register_measure("olympus_test_breaks", "Breaks.", (), breaks)
    try:
        text = metrics.rendered().decode()
    finally:
        del metrics._measured["olympus_test_breaks"]

    assert 'olympus_measure_failed{name="olympus_test_breaks"} 1.0' in text
    assert "olympus_http_requests" in text


_COUNTS = """
from olympus.kernel import metrics
metrics.note_request("rest", 200, 0.01)
metrics.note_call_begun("gpu-box")
"""
_READS = """
from olympus.kernel import metrics
metrics.note_request("rest", 200, 0.01)
print(metrics.rendered().decode())
"""


@pytest.mark.parametrize("folders", [("a", "a"), ("a", "b")])
def test_what_several_processes_counted_adds_up_and_the_dead_have_nothing_under_way(
    tmp_path: Path, folders: tuple[str, str]
) -> None:
    texts = []
    for folder, code in zip(folders, (_COUNTS, _READS), strict=True):
        (tmp_path / folder).mkdir(exist_ok=True)
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / folder)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True, text=True)
        texts.append(done.stdout)

    assert 'olympus_http_requests_total{door="rest",status="200"} 2.0' in texts[1]
    if folders[0] == folders[1]:
        assert "gpu-box" not in texts[1]
