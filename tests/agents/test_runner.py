"""A worker's loop: what it carries, how much, and what it lets go of when it is stopped."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import redis
from django.db import connection
from pytest_django import Settings

from apps.accounts.facade import default_organization_id
from apps.agents.contracts import RunState
from apps.agents.models import Run, Worker
from apps.agents.services import stop_run
from apps.agents.worker.runner import Runner
from apps.inference.models import Provider
from olympus.kernel import valkey as kernel_valkey
from olympus.kernel.errors import Conflict, NotFound
from tests.agents.conftest import eventually
from tests.doubles.fake_ollama import FakeOllama, Script, expected_text
from tests.inference.conftest import in_background  # noqa: F401 - a fixture
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, make_run
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]


@pytest.fixture(autouse=True)
def _quick(settings: Settings, store: redis.Redis) -> None:
    settings.OLYMPUS_STORE_S = 4.0


@pytest.fixture
def runner(transactional_db: None) -> Iterator[Runner]:
    made = Runner(sweep_s=0.05, overdue=timedelta(0))
    yield made
    made.drain(0)


@pytest.fixture
def ollama(in_background: Start, transactional_db: None) -> FakeOllama:  # noqa: F811
    """A model server with as many tokens as a model's name says."""
    server = in_background(FakeOllama(Script(tokens=40)))
    catalog = [{"name": "fake", "capabilities": ["chat"], "context_length": 8192}]
    names = ["fake?tokens=5000&rate=100", "fake?delay_s=30", "fake?tokens=60&rate=300"]
    catalog += [{"name": name, "capabilities": ["chat"], "context_length": 8192} for name in names]
    Provider.objects.create(
        organization_id=default_organization_id(), name="O", kind="ollama", base_url=server.url, catalog=catalog
    )
    return server


SLOW, MUTE, BRISK = "fake?tokens=5000&rate=100", "fake?delay_s=30", "fake?tokens=60&rate=300"


def state_of(run_id: UUID) -> str:
    return Run.objects.values_list("state", flat=True).get(pk=run_id)


def is_streaming(run: Run) -> Callable[[], bool]:
    return lambda: state_of(run.pk) == "streaming"


def test_a_run_is_carried_to_its_end(owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner) -> None:
    run = make_run(owner.actor, model="fake", options={"text": "Tell me"})

    eventually(lambda: state_of(run.pk) == "complete")

    kept = host.outcomes[run.pk]
    assert kept.text == expected_text("Tell me", 40)
    assert (kept.prompt_tokens, kept.token_count, kept.finish_reason) == (26, 40, "stop")


def test_more_runs_than_there_is_room_for_all_finish(owner: Someone, host: MemoryHost, ollama: FakeOllama) -> None:
    runs = [make_run(owner.actor, model=BRISK, options={"text": str(n)}) for n in range(12)]
    most = 0
    runner = Runner(capacity=3, sweep_s=0.02, overdue=timedelta(0))
    try:

        def all_done() -> bool:
            nonlocal most
            most = max(most, len(runner._runs))
            return set(Run.objects.values_list("state", flat=True)) == {"complete"}

        eventually(all_done, 30)
    finally:
        runner.drain(0)

    assert 1 < most <= 3
    assert all(host.outcomes[run.pk].text == expected_text(str(n), 60) for n, run in enumerate(runs))


def test_two_workers_share_the_runs_and_none_is_run_twice(owner: Someone, host: MemoryHost, ollama: FakeOllama) -> None:
    runs = [make_run(owner.actor, model="fake", options={"text": str(n)}) for n in range(20)]
    workers = [Runner(sweep_s=0.02, overdue=timedelta(0)) for _ in range(2)]
    try:
        eventually(lambda: set(Run.objects.values_list("state", flat=True)) == {"complete"}, 30)
    finally:
        for worker in workers:
            worker.drain(0)

    assert len(host.outcomes) == len(runs)
    assert set(Run.objects.values_list("attempt", flat=True)) == {1}
    assert ollama.log.finished_count == len(runs)


def test_told_of_a_run_from_many_threads_the_worker_takes_it_once(
    owner: Someone, host: MemoryHost, ollama: FakeOllama
) -> None:
    runner = Runner(sweep_s=60)
    run = make_run(owner.actor, model="fake")
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.append(_take(runner, run.pk))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: state_of(run.pk) == "complete")
    runner.drain(0)

    assert sorted(taken) == [False, False, False, False, True]


def test_stopped_before_it_said_anything_a_run_waits_for_another_worker(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    run = make_run(owner.actor, model=MUTE)
    eventually(lambda: len(ollama.log.requests) == 1)

    runner.drain(0.1)

    stored = Run.objects.get(pk=run.pk)
    assert (stored.state, stored.worker_id) == ("queued", None)
    assert host.outcomes == {}
    assert not Worker.objects.exists()
    eventually(lambda: ollama.log.disconnects == [MUTE])


def test_stopped_in_the_middle_a_run_keeps_what_it_said(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    run = make_run(owner.actor, model=SLOW, options={"text": "Tell me"})
    eventually(is_streaming(run))

    runner.drain(0.1)

    kept = host.outcomes[run.pk]
    assert (state_of(run.pk), kept.state) == ("interrupted", RunState.INTERRUPTED)
    assert kept.text
    assert expected_text("Tell me", 5000).startswith(kept.text)


def test_a_drain_lets_finish_what_can(owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner) -> None:
    run = make_run(owner.actor, model=BRISK, options={"text": "Tell me"})
    eventually(lambda: len(ollama.log.requests) == 1)

    runner.drain(10)

    assert state_of(run.pk) == "complete"
    assert host.outcomes[run.pk].text == expected_text("Tell me", 60)


def test_a_drained_worker_takes_nothing_more(owner: Someone, host: MemoryHost, ollama: FakeOllama) -> None:
    runner = Runner(sweep_s=60)
    runner.drain(0)

    assert not runner.take(make_run(owner.actor, model="fake").pk)


def test_a_host_that_refuses_ends_its_run_in_an_error(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    host.refusals = [NotFound("There is no place for this.")]
    run = make_run(owner.actor, model="fake")

    eventually(lambda: state_of(run.pk) == "error")

    kept = host.outcomes[run.pk]
    assert (kept.error_code, kept.error_message) == ("not_found", "There is no place for this.")


def test_a_host_that_always_refuses_does_not_hold_its_worker(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    host.refusals = [Conflict() for _ in range(50)]
    run = make_run(owner.actor, model="fake")
    eventually(lambda: len(host.refusals) < 49)
    eventually(lambda: run.pk not in runner._runs)
    host.refusals = []

    other = make_run(owner.actor, model="fake")

    eventually(lambda: state_of(other.pk) == "complete")


@pytest.mark.parametrize("is_valkey_up", [True, False])
def test_a_stop_closes_the_model_servers_connection_within_a_second(
    is_valkey_up: bool, owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner, settings: Settings
) -> None:
    run = make_run(owner.actor, model=SLOW, options={"text": "Tell me"})
    eventually(is_streaming(run))
    address = settings.REDIS_URL
    if not is_valkey_up:
        settings.REDIS_URL = "unix:///nowhere/valkey.sock"
        kernel_valkey.valkey.cache_clear()
    try:
        stop_run(owner.actor, run_id=run.pk)
        eventually(lambda: ollama.log.disconnects == [SLOW], timeout_s=3)
    finally:
        settings.REDIS_URL = address
        kernel_valkey.valkey.cache_clear()

    eventually(lambda: state_of(run.pk) == "cancelled")
    assert expected_text("Tell me", 5000).startswith(host.outcomes[run.pk].text)


def test_an_unknown_model_ends_the_run_and_starts_the_next(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    first = make_run(owner.actor, model="no-such-model")
    second = make_run(owner.actor, model="fake", waits_for=first)

    eventually(lambda: state_of(second.pk) == "complete")

    assert host.outcomes[first.pk].error_code == "model_not_found"


def test_a_scripted_model_runs_without_any_server(owner: Someone, host: MemoryHost, runner: Runner) -> None:
    scripted_provider()
    run = make_run(owner.actor, model="echo", options={"text": "Say this"})

    eventually(lambda: state_of(run.pk) == "complete")

    assert host.outcomes[run.pk].text == "Say this"


def test_a_tool_call_with_what_cannot_be_stored_harms_neither_its_run_nor_the_worker(
    owner: Someone, host: MemoryHost, ollama: FakeOllama, runner: Runner
) -> None:
    broken = rb'{"q": "a\u0000b\ud800c", "\udfff": ["\u0000", 1, null]}'
    call = b'{"message": {"role": "assistant", "tool_calls": [{"function": {"name": "search", "arguments": %b}}]}}\n'
    ollama.scripts["fake"] = Script(raw=(call % broken, b'{"done": true, "done_reason": "stop"}\n'), rate=2)
    run = make_run(owner.actor, model="fake", options={"text": "Look"})

    eventually(lambda: state_of(run.pk) == "complete")

    (asked,) = host.outcomes[run.pk].tool_calls
    assert asked["arguments"] == {"q": "a\ufffdb\ufffdc", "\ufffd": ["\ufffd", 1, None]}


def _take(runner: Runner, run_id: UUID) -> bool:
    try:
        return runner.take(run_id)
    finally:
        connection.close()
