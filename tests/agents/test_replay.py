"""What a client that joins or comes back is sent."""

import json
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from django.utils import timezone
from redis import asyncio as aioredis

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.engine.transcript import Piece
from apps.agents.models import Run, RunLog
from apps.agents.replay import Replay, replay_run
from apps.agents.tail import FIELD, encode_piece, stream_key
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, dead_worker, held_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tidy")]
WORDS = ["Once ", "upon ", "a ", "time"]


@pytest.fixture
def run(owner: Someone, host: MemoryHost, store: redis.Redis) -> Run:
    """A run whose live tail holds four words as numbers 1 to 4."""
    made = held_run(owner.actor, dead_worker())
    offset = 0
    for seq, word in enumerate(WORDS, start=1):
        piece = Piece("token", offset, [word], token_count=seq, seq=seq)
        frame = encode_piece(piece, made.pk, attempt=1, now=timezone.now())
        store.xadd(stream_key(made.pk), {FIELD: frame})
        offset += len(word)
    return made


def frames_of(replay: Replay | None) -> list[dict[str, Any]]:
    assert replay is not None
    return [json.loads(frame) for frame in replay.frames]


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_missed_events_come_as_they_were(after: int, run: Run, async_store: aioredis.Redis) -> None:
    replay = await replay_run(async_store, run.pk, after=after)

    frames = frames_of(replay)
    assert [frame["content"] for frame in frames] == WORDS[after:]
    assert [frame["metadata"]["seq"] for frame in frames] == list(range(after + 1, 5))
    assert replay is not None
    assert (replay.seq, replay.is_over) == (4, False)


async def test_who_missed_nothing_gets_nothing(run: Run, async_store: aioredis.Redis) -> None:
    assert await replay_run(async_store, run.pk, after=4) == Replay((), 4, is_over=False)


@pytest.mark.parametrize("after", [0, 5, 10**15])
async def test_who_begins_or_names_a_number_that_never_was_gets_all(
    after: int, run: Run, async_store: aioredis.Redis
) -> None:
    (snapshot,) = frames_of(await replay_run(async_store, run.pk, after=after))

    assert snapshot["type"] == "snapshot"
    assert snapshot["content"]["text"] == "".join(WORDS)
    assert snapshot["metadata"]["seq"] == 4


async def test_where_the_tail_does_not_reach_back_a_snapshot_stands_for_all(
    run: Run, async_store: aioredis.Redis, store: redis.Redis
) -> None:
    await RunLog.objects.acreate(run=run, seq=3, kind="token", offset=0, content="Once upon a ", token_count=3)
    (first, _), (second, _), *_ = store.xrange(stream_key(run.pk))
    store.xdel(stream_key(run.pk), first, second)

    (snapshot,) = frames_of(await replay_run(async_store, run.pk, after=1))

    assert snapshot["content"]["text"] == "Once upon a time"
    assert snapshot["metadata"]["seq"] == 4


async def test_a_snapshot_stops_before_a_hole(run: Run, async_store: aioredis.Redis, store: redis.Redis) -> None:
    second = store.xrange(stream_key(run.pk))[1][0]
    store.xdel(stream_key(run.pk), second)

    (snapshot,) = frames_of(await replay_run(async_store, run.pk, after=1))

    assert snapshot["content"]["text"] == "Once "
    assert snapshot["metadata"]["seq"] == 1


async def test_without_valkey_the_log_answers(run: Run, owner: Someone) -> None:
    await RunLog.objects.acreate(run=run, seq=2, kind="token", offset=0, content="Once upon ", token_count=2)
    nowhere = aioredis.Redis.from_url("unix:///nowhere/valkey.sock")

    (snapshot,) = frames_of(await replay_run(nowhere, run.pk, after=1))

    assert snapshot["content"]["text"] == "Once upon "
    await nowhere.aclose()


async def test_a_snapshot_says_who_answers(run: Run, async_store: aioredis.Redis) -> None:
    data = {"state": "processing", "model": "demo", "provider": "Script", "left_out_count": 7}
    await RunLog.objects.acreate(run=run, seq=1, kind="state", data=data)

    (snapshot,) = frames_of(await replay_run(async_store, run.pk, after=0))

    content = snapshot["content"]
    assert (content["model"], content["provider"], content["left_out_count"]) == ("demo", "Script", 7)
    assert content["state"] == "streaming"


@pytest.mark.parametrize(("state", "last"), [("complete", "complete"), ("cancelled", "complete"), ("error", "error")])
async def test_a_run_that_is_over_is_told_whole_and_then_its_end(
    state: str, last: str, run: Run, host: MemoryHost, async_store: aioredis.Redis
) -> None:
    await Run.objects.filter(pk=run.pk).aupdate(state=state, last_seq=9, error_code="cut" if last == "error" else "")
    host.outcomes[run.pk] = RunOutcome(
        run.pk, run.owner_id, run.thread_id, run.subject_id, RunState(state), text="Stored", error_code="cut",
        error_message="The line was cut.",
    )  # fmt: skip

    replay = await replay_run(async_store, run.pk, after=2)

    snapshot, end = frames_of(replay)
    assert (snapshot["content"]["text"], end["type"], end["metadata"]["seq"]) == ("Stored", last, 9)
    assert replay is not None
    assert replay.is_over


async def test_a_run_whose_host_lost_its_text_still_ends(run: Run, async_store: aioredis.Redis) -> None:
    await Run.objects.filter(pk=run.pk).aupdate(state="complete", last_seq=9)

    _, end = frames_of(await replay_run(async_store, run.pk, after=0))

    assert (end["type"], end["content"]["length"]) == ("complete", 0)


async def test_a_run_that_is_gone_has_no_replay(host: MemoryHost, async_store: aioredis.Redis, db: None) -> None:
    assert await replay_run(async_store, uuid7(), after=0) is None


async def test_a_run_that_said_nothing_yet_has_its_state(
    owner: Someone, host: MemoryHost, async_store: aioredis.Redis
) -> None:
    run = await sync_to_async(held_run)(owner.actor, await sync_to_async(dead_worker)(), state=RunState.PROCESSING)

    (snapshot,) = frames_of(await replay_run(async_store, run.pk, after=0))

    assert snapshot["content"] == {"state": "processing"}
