"""The batching writer: nothing that was said is lost while the database is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from apps.agents.contracts import RunRequest
from apps.agents.engine.transcript import Transcript
from apps.agents.leases import Claim
from apps.agents.models import Run, RunLog, Worker
from apps.agents.worker.carried import Carried, StopReason
from apps.agents.worker.checkpoints import CheckpointWriter
from tests.support.cast import Someone
from tests.support.engine import held_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tidy")]


class Desk:
    """A writer with one run in its hands."""

    def __init__(self, run: Run, worker: Worker) -> None:
        request = RunRequest(run.pk, run.organization_id, run.owner_id, run.thread_id, run.subject_id, {})
        self.claim = Claim(request, worker.pk, 1, run.host, run.model, run.is_ephemeral, 0)
        self.carried = Carried(self.claim, Transcript())
        self.writer = CheckpointWriter(worker.pk, ("here", 7), lambda: [self.carried])

    def say(self, text: str) -> None:
        self.carried.transcript.add_text("token", text, token_count=1)
        self.carried.transcript.take_unsent()


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker.objects.create(hostname="here", pid=7)


@pytest.fixture
async def desk(owner: Someone, worker: Worker) -> AsyncIterator[Desk]:
    made = Desk(await sync_to_async(held_run)(owner.actor, worker), worker)
    yield made
    await made.writer.close()


async def alogged() -> list[tuple[int, int | None, str]]:
    return [row async for row in RunLog.objects.order_by("seq").values_list("seq", "offset", "content")]


async def test_each_checkpoint_is_one_row_that_continues_the_last(desk: Desk) -> None:
    desk.say("Once ")
    desk.say("upon ")
    await desk.writer.write()
    desk.say("a time")
    await desk.writer.write()
    await desk.writer.write()

    assert await alogged() == [(2, 0, "Once upon "), (3, 10, "a time")]


async def test_a_checkpoint_renews_the_lease_even_if_the_worker_was_struck_off(desk: Desk, worker: Worker) -> None:
    await Worker.objects.filter(pk=worker.pk).adelete()

    assert await desk.writer.write()

    renewed = await Worker.objects.aget(pk=worker.pk)
    assert (renewed.hostname, renewed.pid) == ("here", 7)


async def test_a_database_that_is_away_costs_nothing_that_was_said(desk: Desk) -> None:
    real = connections["default"].settings_dict["HOST"]
    desk.say("Once ")
    await desk.writer.write()
    desk.say("upon ")
    await desk.writer._drop_connection()
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        while_away = await desk.writer.write()
        desk.say("a time")
        still_away = await desk.writer.write()
    finally:
        connections["default"].settings_dict["HOST"] = real
    back = await desk.writer.write()

    assert (while_away, still_away, back) == (False, False, True)
    assert "".join(content for *_, content in await alogged()) == "Once upon a time"
    assert desk.carried.stop_reason is None


async def test_a_connection_the_database_ended_is_made_anew(desk: Desk) -> None:
    desk.say("Once ")
    await desk.writer.write()
    desk.say("upon")
    assert desk.writer._connection is not None
    pid = desk.writer._connection.info.backend_pid
    await sync_to_async(_terminate)(pid)

    written = [await desk.writer.write(), await desk.writer.write()]

    assert written[-1]
    assert "".join(content for *_, content in await alogged()) == "Once upon"


async def test_a_run_that_is_another_workers_now_is_dropped_and_not_written(desk: Desk, owner: Someone) -> None:
    other = await Worker.objects.acreate(hostname="there", pid=8)
    await Run.objects.aupdate(worker=other, attempt=2)
    desk.carried.task = asyncio.create_task(asyncio.sleep(30))
    desk.say("Too late")

    await desk.writer.write()

    assert desk.carried.stop_reason is StopReason.LOST
    assert await alogged() == []


async def test_a_stop_asked_for_in_the_database_is_obeyed(desk: Desk) -> None:
    await Run.objects.aupdate(is_cancel_requested=True)
    desk.carried.task = asyncio.create_task(asyncio.sleep(30))

    await desk.writer.write()

    assert desk.carried.stop_reason is StopReason.CANCELLED


async def test_a_run_that_is_ending_is_left_to_its_end(desk: Desk) -> None:
    desk.carried.is_ending = True
    desk.say("The end stores this")

    await desk.writer.write()

    assert await alogged() == []


async def test_an_ephemeral_run_writes_no_text(owner: Someone, worker: Worker) -> None:
    desk = Desk(await sync_to_async(held_run)(owner.actor, worker, is_ephemeral=True), worker)
    desk.say("A secret")

    assert await desk.writer.write()

    assert await alogged() == []
    await desk.writer.close()


async def test_what_postgres_cannot_hold_does_not_stop_the_checkpoint(desk: Desk) -> None:
    desk.say("a\x00b\ud800c")

    assert await desk.writer.write()

    assert await alogged() == [(1, 0, "a\ufffdb\ufffdc")]


async def test_a_run_that_was_removed_harms_nobody(desk: Desk) -> None:
    await Run.objects.all().adelete()
    desk.carried.task = asyncio.create_task(asyncio.sleep(30))
    desk.say("Nobody's")

    assert await desk.writer.write()
    assert desk.carried.stop_reason is StopReason.LOST


def _terminate(pid: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
