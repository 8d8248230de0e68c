"""Models on their way: they outlive workers, can be cancelled, and wait for their server."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.inference.engine.managing.progress import Progress
from apps.inference.engine.wire import Timeouts
from apps.inference.managing.bringing import bring
from apps.inference.managing.changing import load_model
from apps.inference.managing.claiming import ABANDONED_AFTER, MAX_TRIES, claim_job, idle_jobs, note_progress
from apps.inference.managing.errors import AlreadyUnderWay, JobOver, NameTaken, NoModelName, NotManaged
from apps.inference.managing.ordering import cancel_job, order_creation, order_pull, retry_job
from apps.inference.models import ModelJob, Provider
from apps.inference.services import refresh
from olympus.kernel.db import in_thread
from olympus.kernel.errors import Denied, Invalid, NotFound
from olympus.kernel.http import run_alone
from olympus.kernel.models import AuditEntry
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.http_server import until
from tests.doubles.ollama_managing import NO_SPACE, Pull
from tests.support.cast import Someone
from tests.support.racing import behind

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]


@pytest.fixture
def ollama(in_background: Start) -> FakeOllama:
    return in_background(FakeOllama())


@pytest.fixture
def home(owner: Someone, ollama: FakeOllama) -> Provider:
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Home", kind="ollama", base_url=ollama.url
    )
    refresh([provider], Timeouts())
    return provider


def carry_out(job: ModelJob) -> ModelJob:
    run_alone(lambda: bring(job.pk, pauses_s=(0.01, 0.01)))
    job.refresh_from_db()
    return job


def test_a_pulled_model_is_there_and_listed(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    job = carry_out(order_pull(owner.actor, provider_id=home.pk, model="ollama pull new"))

    home.refresh_from_db()
    assert (job.state, job.model, job.done_bytes) == ("complete", "new", 2_000_000_000)
    assert "new:latest" in [info.name for info in home.infos]
    assert AuditEntry.objects.filter(action="model.pull", subject="new").exists()


def test_what_went_wrong_is_kept_and_can_be_tried_again(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    ollama.managing.default = Pull(error=NO_SPACE)
    failed = carry_out(order_pull(owner.actor, provider_id=home.pk, model="new"))
    ollama.managing.default = Pull()

    again = carry_out(retry_job(owner.actor, job_id=failed.pk))

    assert (failed.state, failed.error_code) == ("error", "no_space")
    assert again.state == "complete"


def test_a_connection_that_breaks_is_mended_and_nothing_fetched_twice(
    owner: Someone, home: Provider, ollama: FakeOllama
) -> None:
    ollama.managing.default = Pull(fault="cut")

    job = carry_out(order_pull(owner.actor, provider_id=home.pk, model="new"))

    asked = [request for request in ollama.log.requests if request.path == "/api/pull"]
    assert (job.state, len(asked)) == ("complete", 2)


def test_one_model_is_on_its_way_to_a_server_once(owner: Someone, home: Provider) -> None:
    order_pull(owner.actor, provider_id=home.pk, model="new")

    with pytest.raises(AlreadyUnderWay):
        order_pull(owner.actor, provider_id=home.pk, model="new:latest")


def test_a_cancelled_pull_stops_on_the_server(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    ollama.managing.default = Pull(step_count=1000, step_s=0.05)
    job = order_pull(owner.actor, provider_id=home.pk, model="new")

    async def cancel_midway() -> None:
        running = asyncio.create_task(bring(job.pk))
        await until(lambda: any(request.path == "/api/pull" for request in ollama.log.requests))
        await in_thread(cancel_job, owner.actor, job_id=job.pk)
        async with asyncio.timeout(5):
            await running

    run_alone(cancel_midway)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert "new:latest" not in ollama.models
    with pytest.raises(JobOver):
        cancel_job(owner.actor, job_id=job.pk)


def test_what_a_killed_worker_had_is_taken_up_and_goes_on(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    job = order_pull(owner.actor, provider_id=home.pk, model="new")
    long_ago = timezone.now() - ABANDONED_AFTER - timedelta(seconds=1)
    assert claim_job(job.pk, claim=uuid4().hex, now=long_ago) is not None
    ollama.managing.partial["new:latest"] = 1_500_000_000

    idle = idle_jobs(now=timezone.now())
    done = carry_out(job)

    assert idle == [job.pk]
    assert (done.state, done.tries) == ("complete", 2)


def test_one_that_takes_worker_after_worker_with_it_is_given_up(owner: Someone, home: Provider) -> None:
    job = order_pull(owner.actor, provider_id=home.pk, model="new")
    ModelJob.objects.filter(pk=job.pk).update(tries=MAX_TRIES)

    done = carry_out(job)

    assert (done.state, done.error_code) == ("error", "worker_lost")


def test_a_server_has_one_under_way_and_the_others_wait(owner: Someone, home: Provider) -> None:
    first = order_pull(owner.actor, provider_id=home.pk, model="one")
    second = order_pull(owner.actor, provider_id=home.pk, model="two")
    now = timezone.now()

    taken = [claim_job(job.pk, claim=uuid4().hex, now=now) for job in (first, second, first)]

    assert [each is not None for each in taken] == [True, False, False]
    assert carry_out(second).state == "queued"


@pytest.mark.parametrize("other", ["one", "two"])
def test_of_two_workers_that_look_at_once_one_takes_it(owner: Someone, home: Provider, other: str) -> None:
    jobs = {name: order_pull(owner.actor, provider_id=home.pk, model=name).pk for name in ("one", "two")}
    now = timezone.now()

    second = behind(
        lambda: claim_job(jobs["one"], claim=uuid4().hex, now=now),
        lambda: claim_job(jobs[other], claim=uuid4().hex, now=now),
    )

    assert second is None
    assert ModelJob.objects.filter(state="running").count() == 1


def test_one_that_is_cancelled_as_it_starts_does_not_go_on(owner: Someone, home: Provider) -> None:
    first, second = (order_pull(owner.actor, provider_id=home.pk, model=name) for name in ("one", "two"))
    now, taken = timezone.now(), []

    too_late = behind(
        lambda: cancel_job(owner.actor, job_id=first.pk), lambda: claim_job(first.pk, claim=uuid4().hex, now=now)
    )
    behind(
        lambda: taken.append(claim_job(second.pk, claim=uuid4().hex, now=now)),
        lambda: cancel_job(owner.actor, job_id=second.pk),
    )

    assert too_late is None
    assert not note_progress(taken[0], Progress(), now=now)
    assert {job.state for job in ModelJob.objects.all()} == {"cancelled"}


def test_a_model_is_loaded_while_another_is_fetched(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    fetched = order_pull(owner.actor, provider_id=home.pk, model="one")
    assert claim_job(fetched.pk, claim=uuid4().hex, now=timezone.now()) is not None

    loaded = carry_out(load_model(owner.actor, provider_id=home.pk, model="fake"))

    assert loaded.state == "complete"
    assert ollama.loaded == ["fake:latest"]


def test_what_arrived_is_not_made_again(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    made = carry_out(order_creation(owner.actor, provider_id=home.pk, model="pirate", base="fake", system="Arr."))
    ollama.managing.default = Pull(error=NO_SPACE)
    failed = carry_out(order_pull(owner.actor, provider_id=home.pk, model="new"))
    ModelJob.objects.filter(pk=failed.pk).update(kind="create", model="pirate")

    with pytest.raises(JobOver):
        retry_job(owner.actor, job_id=made.pk)
    with pytest.raises(NameTaken):
        retry_job(owner.actor, job_id=failed.pk)


def test_a_server_removed_meanwhile_ends_what_was_on_its_way_there(
    owner: Someone, home: Provider, ollama: FakeOllama
) -> None:
    ollama.managing.default = Pull(step_count=1000, step_s=0.05)
    job = order_pull(owner.actor, provider_id=home.pk, model="new")

    async def remove_midway() -> None:
        running = asyncio.create_task(bring(job.pk))
        await until(lambda: any(request.path == "/api/pull" for request in ollama.log.requests))
        await in_thread(home.delete)
        async with asyncio.timeout(5):
            await running

    run_alone(remove_midway)
    assert not ModelJob.objects.exists()


def test_a_model_is_made_of_another(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    made_of = {"system": "You are a pirate.", "parameters": {"temperature": 0.2}, "quantization": "q4_K_M"}

    job = carry_out(order_creation(owner.actor, provider_id=home.pk, model="pirate", base="fake", **made_of))

    assert job.state == "complete"
    body = ollama.managing.made["pirate:latest"]
    assert (body["from"], body["system"], body["quantize"]) == ("fake:latest", "You are a pirate.", "q4_K_M")
    assert body["parameters"] == {"temperature": 0.2}


@pytest.mark.parametrize(
    "made_of",
    [
        {"parameters": {"temperature": "hot"}},
        {"parameters": {"top_p": float("nan")}},
        {"parameters": {"unknown": 1}},
        {"parameters": {"stop": [1]}},
        {"quantization": "q1"},
        {"adapter": "sha256:short"},
        {"system": "x" * 40_000},
    ],
)
def test_what_a_model_cannot_be_made_of_is_refused(owner: Someone, home: Provider, made_of: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        order_creation(owner.actor, provider_id=home.pk, model="pirate", base="fake", **made_of)


def test_names_that_are_none_or_taken_are_refused(owner: Someone, home: Provider) -> None:
    with pytest.raises(NoModelName):
        order_pull(owner.actor, provider_id=home.pk, model="../x")
    with pytest.raises(NameTaken):
        order_creation(owner.actor, provider_id=home.pk, model="fake:latest", base="fake")
    with pytest.raises(NotFound):
        order_creation(owner.actor, provider_id=home.pk, model="new", base="gone")


def test_only_ollama_is_managed_and_only_by_administrators(owner: Someone, member: Someone, home: Provider) -> None:
    other = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Cloud", kind="openai", base_url="http://127.0.0.1:9/v1"
    )

    with pytest.raises(NotManaged):
        order_pull(owner.actor, provider_id=other.pk, model="new")
    with pytest.raises(Denied):
        order_pull(member.actor, provider_id=home.pk, model="new")


def test_a_stranger_finds_neither_server_nor_job(owner: Someone, stranger: Someone, home: Provider) -> None:
    job = order_pull(owner.actor, provider_id=home.pk, model="new")

    for work in (
        lambda: order_pull(stranger.actor, provider_id=home.pk, model="other"),
        lambda: cancel_job(stranger.actor, job_id=job.pk),
        lambda: retry_job(stranger.actor, job_id=job.pk),
    ):
        with pytest.raises(NotFound):
            work()
