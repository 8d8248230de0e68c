"""What a model server may say in numbers that JSON or Postgres has no room for: the run ends all the same."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis

from apps.accounts.facade import default_organization_id
from apps.agents.models import Run
from apps.agents.worker.runner import Runner
from apps.inference.models import Provider
from tests.agents.conftest import eventually
from tests.doubles.fake_ollama import FakeOllama, Script
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, make_run

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]


@pytest.fixture
def runner(transactional_db: None, store: redis.Redis) -> Iterator[Runner]:
    made = Runner(sweep_s=0.05, overdue=timedelta(0))
    yield made
    made.drain(0)


def serve(start: Start, *lines: bytes, **script: Any) -> None:
    server = start(FakeOllama(Script(raw=list(lines), **script)))
    catalog = [{"name": "odd", "capabilities": ["chat"], "context_length": 8192}]
    Provider.objects.create(
        organization_id=default_organization_id(), name="O", kind="ollama", base_url=server.url, catalog=catalog
    )


def is_over(run: Run) -> Callable[[], bool]:
    return lambda: Run.objects.get(pk=run.pk).finished_at is not None


@pytest.mark.parametrize("count", [10**12, 2**31, -5])
def test_a_count_out_of_range_does_not_keep_an_answer_from_being_stored(
    owner: Someone,
    host: MemoryHost,
    in_background: Start,
    runner: Runner,
    count: int,
) -> None:
    last = {"message": {"content": "Hello"}, "done": True, "prompt_eval_count": count, "eval_count": count}
    serve(in_background, json.dumps(last).encode() + b"\n")

    run = make_run(owner.actor, model="odd")

    eventually(is_over(run))
    assert host.outcomes[run.pk].text == "Hello"
    assert Run.objects.get(pk=run.pk).state == "complete"


def test_a_tool_call_with_no_number_is_stored_with_nothing_in_its_place(
    owner: Someone,
    host: MemoryHost,
    in_background: Start,
    runner: Runner,
) -> None:
    call = b'{"message":{"tool_calls":[{"function":{"name":"add","arguments":{"a":NaN,"b":[-Infinity,1.5]}}}]}}\n'
    serve(in_background, call, b'{"message":{"content":""},"done":true}\n', rate=0.5)

    run = make_run(owner.actor, model="odd")

    eventually(is_over(run))
    assert [dict(each)["arguments"] for each in host.outcomes[run.pk].tool_calls] == [{"a": None, "b": [None, 1.5]}]
    assert Run.objects.get(pk=run.pk).attempt == 1
