"""What the database will never take: the run ends in an error, at once, and costs no other run anything."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from asgiref.sync import sync_to_async
from django.db import DataError, IntegrityError

from apps.agents.contracts import RunRequest, RunState
from apps.agents.engine.transcript import Transcript
from apps.agents.leases import Claim
from apps.agents.models import Run, RunLog, Worker
from apps.agents.worker.carried import Carried, StopReason
from apps.agents.worker.checkpoints import CheckpointWriter
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.runner import Runner
from apps.agents.worker.takeover import take_over_abandoned
from tests.agents.conftest import eventually
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, dead_worker, held_run, make_run
from tests.support.runs import scripted_provider

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tidy")]
# More than the column of a token count holds.
TOO_MANY = 2**31


@pytest.fixture
def runner(transactional_db: None, store: redis.Redis) -> Iterator[Runner]:
    made = Runner(sweep_s=0.05, overdue=timedelta(0))
    yield made
    made.drain(0)


def carried(run: Run, worker: Worker) -> Carried:
    request = RunRequest(run.pk, run.organization_id, run.owner_id, run.thread_id, run.subject_id, {})
    return Carried(Claim(request, worker.pk, 1, run.host, run.model, run.is_ephemeral, 0), Transcript())


@pytest.mark.parametrize("error", [DataError, IntegrityError])
def test_an_outcome_that_is_never_taken_ends_in_an_error_that_is(
    error: type[Exception], owner: Someone, host: MemoryHost, runner: Runner
) -> None:
    scripted_provider()
    host.refusals = [error("no")]  # type: ignore[list-item]

    run = make_run(owner.actor, options={"text": "Hello"})

    eventually(lambda: Run.objects.get(pk=run.pk).finished_at is not None)
    assert (Run.objects.get(pk=run.pk).state, Run.objects.get(pk=run.pk).error_code) == ("error", "unstorable")
    assert (host.outcomes[run.pk].state, host.outcomes[run.pk].text) == (RunState.ERROR, "")


def test_a_host_that_takes_nothing_does_not_keep_its_run_alive(
    owner: Someone, host: MemoryHost, runner: Runner
) -> None:
    scripted_provider()
    host.refusals = [DataError("no"), IntegrityError("no")]  # type: ignore[list-item]

    run = make_run(owner.actor, options={"text": "Hello"})

    eventually(lambda: Run.objects.get(pk=run.pk).finished_at is not None)
    assert Run.objects.get(pk=run.pk).state == "error"
    assert run.pk not in host.outcomes


async def test_a_run_taken_over_ends_in_an_error_too(owner: Someone, host: MemoryHost) -> None:
    run = await sync_to_async(lambda: held_run(owner.actor, dead_worker()))()
    await RunLog.objects.acreate(run=run, seq=2, kind="token", offset=0, content="Once")
    host.refusals = [DataError("no")]  # type: ignore[list-item]
    live = LiveWriter()

    await take_over_abandoned(live)
    await live.close()

    assert (await Run.objects.aget(pk=run.pk)).state == "error"
    assert host.outcomes[run.pk].error_code == "unstorable"


async def test_one_run_that_says_what_cannot_be_logged_costs_the_others_nothing(owner: Someone) -> None:
    worker = await Worker.objects.acreate(hostname="here", pid=7)
    runs = [carried(await sync_to_async(held_run)(owner.actor, worker), worker) for _ in range(3)]
    for number, run in enumerate(runs):
        run.transcript.add_text("token", "Once", token_count=TOO_MANY if number == 1 else 1)
        run.transcript.take_unsent()
    writer = CheckpointWriter(worker.pk, ("here", 7), lambda: runs)
    for run in runs:
        run.task = asyncio.create_task(asyncio.sleep(60))

    was_written = await writer.write()
    await writer.close()
    for task in [run.task for run in runs if run.task]:
        task.cancel()

    assert was_written
    assert [run.stop_reason for run in runs] == [None, StopReason.REFUSED, None]
    logged = {row async for row in RunLog.objects.values_list("run_id", flat=True)}
    assert logged == {runs[0].claim.request.run_id, runs[2].claim.request.run_id}
