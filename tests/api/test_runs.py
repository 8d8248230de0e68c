"""Runs over REST: started, listed, cancelled."""

from typing import Any

import pytest

from apps.agents.models import Run
from tests.api.conftest import Api
from tests.chat.saying import answer, post
from tests.support.cast import Someone
from tests.support.runs import scripted_provider


def ids(shown: Any) -> list[str]:
    return [row["id"] for row in shown.json()["results"]]


def test_a_run_begins_a_conversation(api: Api) -> None:
    started = api.post("runs", {"text": "Hello", "options": {"temperature": 0.1}})

    run = api.get(started["Location"]).json()
    assert started.status_code == 202
    assert (run["conversation"], run["answer"]) == (started.json()["conversation"], started.json()["answer"])
    assert (run["state"], run["is_over"], run["is_temporary"]) == ("queued", False, False)


def test_two_models_are_compared(api: Api, owner: Someone) -> None:
    scripted_provider()

    body = api.post("runs", {"text": "Hello", "model": "demo", "compare": "echo"}).json()

    assert set(ids(api.get("runs"))) == {body["run"], body["also"]["run"]}


def test_runs_are_filtered(api: Api, owner: Someone) -> None:
    done, waiting = post(owner), post(owner)
    answer(done)

    assert ids(api.get("runs")) == [str(waiting.run_id), str(done.run_id)]
    assert ids(api.get("runs?is_over=true")) == [str(done.run_id)]
    assert ids(api.get("runs?state=queued")) == [str(waiting.run_id)]
    assert ids(api.get(f"runs?conversation={done.conversation}")) == [str(done.run_id)]


def test_a_run_that_waits_is_cancelled_at_once(api: Api, owner: Someone) -> None:
    said = post(owner)

    cancelled = api.post(f"runs/{said.run_id}/cancel")
    again = api.post(f"runs/{said.run_id}/cancel")

    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert again.json()["is_over"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 500_001}, "text"),
        ({"text": "x", "options": {"top_p": 2}}, "options.top_p"),
        ({"text": "x", "options": {"stop": [""]}}, "options.stop"),
        ({"text": "x", "attachments": ["a"]}, "attachments.0"),
        ({"text": "x", "model": 5}, "model"),
        ({"text": "x", "steer": "yes"}, "steer"),
    ],
)
def test_what_cannot_run_is_refused_by_name(body: Any, field: str, api: Api) -> None:
    refused = api.post("runs", body)

    assert (refused.status_code, refused.json()["field"].startswith(field)) == (422, True)
    assert not Run.objects.exists()
