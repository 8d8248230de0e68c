"""Runs whose model server or worker stops in the middle, and who goes on with them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import redis
from asgiref.sync import async_to_sync
from pytest_django import Settings

from apps.accounts.facade import default_organization_id
from apps.accounts.models import User
from apps.agents.contracts import RunOutcome
from apps.agents.leases import MAX_ATTEMPTS
from apps.agents.models import Run, RunLog
from apps.agents.replay import replay_run
from apps.agents.services import stop_run
from apps.agents.tail import FIELD, stream_key
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.runner import Runner
from apps.agents.worker.takeover import take_over_abandoned
from apps.inference.models import Provider
from apps.inference.pool import forget_backends
from olympus.kernel.valkey import async_valkey
from tests.agents.conftest import eventually
from tests.doubles.fake_ollama import FakeOllama, Script, expected_text
from tests.inference.conftest import in_background  # noqa: F401 - a fixture
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, dead_worker, held_run, make_run

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]
ASKED = {"text": "Tell me"}
WHOLE = expected_text("Tell me", 40)


@pytest.fixture(autouse=True)
def _quick(settings: Settings, store: redis.Redis) -> None:
    settings.OLYMPUS_STORE_S = 4.0


@pytest.fixture
def runner(transactional_db: None) -> Iterator[Runner]:
    made = Runner(sweep_s=0.05, overdue=timedelta(0))
    yield made
    made.drain(0)


def provide(server: FakeOllama, name: str, *, priority: int = 10, goes_on: bool = True, model: str = "fake") -> None:
    catalog = [{"name": model, "capabilities": ["chat"], "context_length": 8192, "goes_on": goes_on}]
    Provider.objects.create(
        organization_id=default_organization_id(), name=name, kind="ollama", base_url=server.url, catalog=catalog,
        priority=priority,
    )  # fmt: skip


@pytest.fixture
def pair(in_background: Start, transactional_db: None) -> tuple[FakeOllama, FakeOllama]:  # noqa: F811
    """A server that is asked first, and another."""
    one, other = in_background(FakeOllama(Script(tokens=40))), in_background(FakeOllama(Script(tokens=40)))
    provide(one, "One", priority=1)
    provide(other, "Other", priority=2)
    return one, other


def frames_of(store: redis.Redis, run: Run) -> list[dict[str, Any]]:
    return [msgspec.json.decode(fields[FIELD]) for _, fields in store.xrange(stream_key(run.pk))]


def ended(host: MemoryHost, run: Run) -> RunOutcome:
    eventually(lambda: run.pk in host.outcomes)
    return host.outcomes[run.pk]


def test_who_answered_and_why_is_told_and_kept(
    owner: Someone, host: MemoryHost, pair: object, runner: Runner, store: redis.Redis
) -> None:
    run = make_run(owner.actor, model="fake", options=ASKED)

    kept = ended(host, run)

    assert (kept.model, kept.provider, kept.text) == ("fake", "One", WHOLE)
    assert kept.route is not None
    assert (kept.route["asked"], kept.route["provider"], kept.route["switches"]) == ("fake", "One", [])
    assert kept.route["reasons"]
    told = [frame["content"] for frame in frames_of(store, run) if frame["type"] == "state"]
    assert told[-1]["reasons"] == kept.route["reasons"]


def test_another_server_takes_over_in_silence(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama], runner: Runner
) -> None:
    pair[0].default = Script(fault="500")

    kept = ended(host, make_run(owner.actor, model="fake", options=ASKED))

    assert (kept.provider, kept.text, kept.error_code) == ("Other", WHOLE, "")
    assert kept.route is not None
    assert kept.route["switches"] == []


def test_another_server_goes_on_in_the_middle_and_that_is_told(
    owner: Someone,
    host: MemoryHost,
    pair: tuple[FakeOllama, FakeOllama],
    runner: Runner,
    store: redis.Redis,
) -> None:
    pair[0].default = Script(tokens=40, fault="cut", fault_at=15)
    run = make_run(owner.actor, model="fake", options=ASKED)

    kept = ended(host, run)

    at = len(expected_text("Tell me", 15))
    switch = {"from": "One", "to": "Other", "model": "fake", "at": at, "is_break": False, "cause": "server"}
    assert (kept.text, kept.provider, kept.token_count) == (WHOLE, "Other", pytest.approx(40, abs=1))
    assert kept.route is not None
    assert (kept.route["provider"], kept.route["switches"]) == ("One", [switch])
    frames = frames_of(store, run)
    (told,) = [frame for frame in frames if frame["type"] == "switch"]
    assert (told["content"]["from"], told["content"]["to"], told["content"]["at"]) == ("One", "Other", at)
    after = [
        frame for frame in frames if frame["type"] == "token" and frame["metadata"]["seq"] > told["metadata"]["seq"]
    ]
    assert after[0]["metadata"]["offset"] == at


def test_who_will_not_have_it_keeps_what_was_written(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama], runner: Runner
) -> None:
    User.objects.filter(pk=owner.actor.user_id).update(may_switch_server=False)
    pair[0].default = Script(tokens=40, fault="cut", fault_at=15)

    kept = ended(host, make_run(owner.actor, model="fake", options=ASKED))

    assert (kept.state, kept.error_code, kept.text) == ("error", "stream_cut", expected_text("Tell me", 15))
    assert not pair[1].log.requests


def test_a_run_is_stopped_while_another_server_is_asked(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama], runner: Runner
) -> None:
    pair[0].default = Script(tokens=40, fault="cut", fault_at=15)
    pair[1].default = Script(delay_s=30)
    run = make_run(owner.actor, model="fake", options=ASKED)
    eventually(lambda: bool(pair[1].log.requests))

    stop_run(owner.actor, run_id=run.pk)

    kept = ended(host, run)
    assert (kept.state, kept.text) == ("cancelled", expected_text("Tell me", 15))
    eventually(lambda: not pair[1].connections)


def begun(owner: Someone, text: str, **fields: Any) -> Run:
    """A run whose worker died when it had written this."""
    run = held_run(owner.actor, dead_worker(), model="fake", options=ASKED, **fields)
    state = {"state": "streaming", "model": "fake", "provider": "Gone", "reasons": ["It was there."]}
    RunLog.objects.create(run=run, seq=1, kind="state", data=state)
    RunLog.objects.create(run=run, seq=5, kind="token", offset=0, content=text, token_count=15)
    return run


@async_to_sync
async def sweep() -> None:
    live = LiveWriter()
    try:
        await take_over_abandoned(live)
    finally:
        await live.close()


def test_a_run_whose_worker_died_is_gone_on_with(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama], runner: Runner, store: redis.Redis
) -> None:
    said = expected_text("Tell me", 15)
    run = begun(owner, said)

    kept = ended(host, run)

    run.refresh_from_db()
    assert (kept.text, kept.state, run.attempt) == (WHOLE, "complete", 2)
    assert kept.token_count == pytest.approx(40, abs=1)
    assert kept.route is not None
    assert [(s["from"], s["to"], s["at"], s["cause"]) for s in kept.route["switches"]] == [
        ("Gone", "One", len(said), "worker")
    ]
    tokens = [frame["metadata"] for frame in frames_of(store, run) if frame["type"] == "token"]
    assert tokens[0]["offset"] == len(said)
    assert {metadata["attempt"] for metadata in tokens} == {2}
    assert pair[0].log.requests[0].body["messages"][-1] == {"role": "assistant", "content": said.rstrip()}


def test_between_two_workers_nothing_that_was_seen_is_missing(
    owner: Someone, host: MemoryHost, pair: object, store: redis.Redis
) -> None:
    run = begun(owner, "Once upon ")

    sweep()

    run.refresh_from_db()
    replay = _replayed(run)
    snapshot = msgspec.json.decode(replay)
    assert (run.state, run.worker_id) == ("queued", None)
    assert (snapshot["content"]["text"], snapshot["content"]["route"]["provider"]) == ("Once upon ", "Gone")
    assert snapshot["metadata"]["seq"] == run.last_seq > 5


def test_what_only_the_live_tail_had_is_kept_for_the_next_worker(
    owner: Someone, host: MemoryHost, pair: object, store: redis.Redis
) -> None:
    run = begun(owner, "Once ")
    frame = {
        "type": "token",
        "content": "upon ",
        "metadata": {"run_id": str(run.pk), "seq": 6, "timestamp": "2026-11-21T10:00:00Z", "offset": 5},
    }
    store.xadd(stream_key(run.pk), {FIELD: msgspec.json.encode(frame)})

    sweep()

    store.flushdb()
    assert "".join(RunLog.objects.filter(run=run, kind="token").values_list("content", flat=True)) == "Once upon "


@async_to_sync
async def _replayed(run: Run) -> str:
    client = async_valkey()
    try:
        replay = await replay_run(client, run.pk, after=0)
    finally:
        await client.aclose()
    assert replay is not None
    (frame,) = replay.frames
    return frame


def test_a_run_cut_off_while_thinking_begins_again(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama], runner: Runner
) -> None:
    pair[0].default = Script(tokens=40, thinking=1)
    run = held_run(owner.actor, dead_worker(), model="fake", options=ASKED)
    RunLog.objects.create(run=run, seq=3, kind="thinking", offset=0, content="hmm", token_count=1)

    kept = ended(host, run)

    assert (kept.text, kept.thinking) == (WHOLE, "hmm\n\nthought 0 ")


@pytest.mark.parametrize(
    "why", ["nobody goes on", "asked not to", "too often", "a tool was asked for", "the model is gone"]
)
def test_where_nobody_can_go_on_what_was_written_is_kept(
    why: str, owner: Someone, host: MemoryHost, pair: object
) -> None:
    run = begun(owner, "Once upon ", attempt=MAX_ATTEMPTS if why == "too often" else 1)
    if why == "nobody goes on":
        Provider.objects.update(catalog=[{"name": "fake", "capabilities": ["chat"], "context_length": 8192}])
        forget_backends()  # an update tells nobody
    if why == "asked not to":
        User.objects.update(may_switch_server=False)
    if why == "a tool was asked for":
        RunLog.objects.create(run=run, seq=7, kind="tool_request", data={"id": "1", "name": "x", "arguments": {}})
    if why == "the model is gone":
        Provider.objects.all().delete()

    sweep()

    run.refresh_from_db()
    assert (run.state, host.outcomes[run.pk].text) == ("interrupted", "Once upon ")


def test_why_an_answer_ended_is_told_in_its_owners_language(owner: Someone, host: MemoryHost) -> None:
    User.objects.update(language="de")
    run = begun(owner, "Once upon ")

    sweep()

    assert host.outcomes[run.pk].error_message.startswith("Die Antwort wurde unterbrochen")


def test_a_worker_that_is_told_to_end_leaves_its_runs_to_the_next(
    owner: Someone, host: MemoryHost, pair: tuple[FakeOllama, FakeOllama]
) -> None:
    pair[0].default = Script(tokens=40, rate=50)
    first = Runner(sweep_s=0.05, overdue=timedelta(0))
    run = make_run(owner.actor, model="fake", options=ASKED)
    eventually(lambda: Run.objects.filter(pk=run.pk, state="streaming").exists())

    first.drain(0)

    run.refresh_from_db()
    assert run.state == "queued"
    assert RunLog.objects.filter(run=run, kind="token").exists()
    second = Runner(sweep_s=0.05, overdue=timedelta(0))
    try:
        kept = ended(host, run)
    finally:
        second.drain(0)
    assert (kept.text, kept.state) == (WHOLE, "complete")
