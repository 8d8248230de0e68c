"""The hub: each follower gets every frame once, in order, whatever becomes of Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import redis
from django.utils import timezone
from redis import asyncio as aioredis

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.engine.transcript import Piece
from apps.agents.following import Hub
from apps.agents.models import Run, RunLog
from apps.agents.tail import FIELD, encode_piece, stream_key
from apps.agents.worker.carrying import last_frame
from tests.support.cast import Someone
from tests.support.engine import Follower, MemoryHost, dead_worker, held_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tidy")]


class Speaker:
    """Writes a run's frames as its worker would."""

    def __init__(self, store: aioredis.Redis, run: Run) -> None:
        self.store, self.run, self.seq, self.text = store, run, 0, ""

    async def say(self, text: str, *, is_lost: bool = False) -> None:
        """Say a word; a lost one never reaches Valkey."""
        self.seq += 1
        piece = Piece("token", len(self.text), [text], token_count=self.seq, seq=self.seq)
        self.text += text
        if not is_lost:
            frame = encode_piece(piece, self.run.pk, attempt=1, now=timezone.now())
            await self.store.xadd(stream_key(self.run.pk), {FIELD: frame})

    async def log(self) -> None:
        """Checkpoint all that was said."""
        await RunLog.objects.filter(run=self.run).adelete()
        await RunLog.objects.acreate(run=self.run, seq=self.seq, kind="token", offset=0, content=self.text)

    async def end(self, host: MemoryHost, *, is_lost: bool = False) -> None:
        """End the run; a lost end never reaches Valkey."""
        run, self.seq = self.run, self.seq + 1
        outcome = RunOutcome(run.pk, run.owner_id, run.thread_id, run.subject_id, RunState.COMPLETE, text=self.text)
        host.outcomes[run.pk] = outcome
        await Run.objects.filter(pk=run.pk).aupdate(state=RunState.COMPLETE, last_seq=self.seq)
        if not is_lost:
            frame = last_frame(outcome, seq=self.seq, attempt=1)
            await self.store.xadd(stream_key(run.pk), {FIELD: frame})


@pytest.fixture
def run(owner: Someone, host: MemoryHost, store: redis.Redis) -> Run:
    """A run somebody writes."""
    return held_run(owner.actor, dead_worker())


@pytest.fixture
async def speaker(run: Run, async_store: aioredis.Redis) -> Speaker:
    """Who writes it."""
    return Speaker(async_store, run)


@pytest.fixture
async def hub(store: redis.Redis) -> AsyncIterator[Hub]:
    """A hub of the test's own."""
    made = Hub()
    yield made
    await made.close()


async def until(is_so: Callable[[], bool], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not is_so():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_a_follower_from_the_start_gets_each_frame_once(
    run: Run, hub: Hub, speaker: Speaker, host: MemoryHost
) -> None:
    follower = Follower()
    await hub.follow(follower, run.pk, is_new=True)
    for word in ("Once ", "upon ", "a ", "time"):
        await speaker.say(word)
    await speaker.end(host)

    await until(lambda: follower.is_over)

    assert follower.numbers == [1, 2, 3, 4, 5]
    assert follower.text == "Once upon a time"


async def test_one_who_joins_later_misses_nothing(run: Run, hub: Hub, speaker: Speaker, host: MemoryHost) -> None:
    await speaker.say("Once ")
    follower = Follower()
    await hub.follow(follower, run.pk)
    await speaker.say("upon")
    await speaker.end(host)

    await until(lambda: follower.is_over)

    assert follower.frames[0]["type"] == "snapshot"
    assert follower.text == "Once upon"
    assert follower.numbers == sorted(set(follower.numbers))


async def test_a_hole_is_mended_by_the_next_checkpoint(run: Run, hub: Hub, speaker: Speaker, host: MemoryHost) -> None:
    follower = Follower()
    await hub.follow(follower, run.pk, is_new=True)
    await speaker.say("Once ")
    await speaker.say("upon ", is_lost=True)
    await speaker.say("a ")
    await until(lambda: len(follower.frames) == 1)
    await asyncio.sleep(0.15)
    seen = follower.numbers[:]
    await speaker.log()
    await speaker.say("time")
    await speaker.end(host)

    await until(lambda: follower.is_over)

    assert seen == [1], "nothing past the hole before it was mended"
    assert follower.text == "Once upon a time"
    assert follower.numbers == sorted(set(follower.numbers))


async def test_a_flush_in_between_costs_no_word(
    run: Run, hub: Hub, speaker: Speaker, host: MemoryHost, store: redis.Redis
) -> None:
    follower = Follower()
    await hub.follow(follower, run.pk, is_new=True)
    await speaker.say("Once ")
    await until(lambda: len(follower.frames) == 1)
    store.flushdb()
    await speaker.say("upon ", is_lost=True)
    await speaker.say("a ")
    await speaker.log()
    await speaker.say("time")
    await speaker.end(host)

    await until(lambda: follower.is_over)

    assert follower.text == "Once upon a time"
    assert follower.numbers == sorted(set(follower.numbers))


async def test_an_end_lost_with_valkey_is_found_by_the_silence(
    run: Run, hub: Hub, speaker: Speaker, host: MemoryHost
) -> None:
    follower = Follower()
    await hub.follow(follower, run.pk, is_new=True)
    await speaker.say("Once")
    await until(lambda: len(follower.frames) == 1)
    await speaker.end(host, is_lost=True)

    await until(lambda: follower.is_over)

    assert follower.text == "Once"
    assert follower.frames[-1]["type"] == "complete"


async def test_a_run_that_is_over_is_told_at_once_and_followed_no_more(
    run: Run, hub: Hub, speaker: Speaker, host: MemoryHost
) -> None:
    await speaker.say("Once")
    await speaker.end(host)
    follower = Follower()

    await hub.follow(follower, run.pk, after=1)

    assert [frame["type"] for frame in follower.frames] == ["snapshot", "complete"]
    assert hub._runs == {}


async def test_asking_twice_sends_nothing_twice(run: Run, hub: Hub, speaker: Speaker, host: MemoryHost) -> None:
    follower = Follower()
    await hub.follow(follower, run.pk, is_new=True)
    await speaker.say("Once ")
    await until(lambda: len(follower.frames) == 1)

    await hub.follow(follower, run.pk, after=1)
    await speaker.say("upon")
    await speaker.end(host)
    await until(lambda: follower.is_over)

    assert follower.numbers == [1, 2, 3]


async def test_many_followers_get_the_same(run: Run, hub: Hub, speaker: Speaker, host: MemoryHost) -> None:
    followers = [Follower() for _ in range(30)]
    for number, follower in enumerate(followers):
        await hub.follow(follower, run.pk, is_new=number % 2 == 0)
        await speaker.say(f"{number} ")
    await speaker.end(host)

    await until(lambda: all(follower.is_over for follower in followers))

    assert {follower.text for follower in followers} == {speaker.text}
    assert hub._runs == {}


async def test_one_who_left_gets_nothing_more(run: Run, hub: Hub, speaker: Speaker) -> None:
    gone, here = Follower(), Follower()
    for follower in (gone, here):
        await hub.follow(follower, run.pk, is_new=True)
    gone.close()
    await speaker.say("Once")

    await until(lambda: len(here.frames) == 1)

    assert gone.frames == []
    here.close()
    assert hub._runs == {}


async def test_a_run_that_is_gone_is_let_go_of(run: Run, hub: Hub) -> None:
    await Run.objects.filter(pk=run.pk).adelete()
    follower = Follower()

    await hub.follow(follower, run.pk)

    assert follower.frames == []
    assert hub._runs == {}


async def test_asking_over_and_over_leaves_nothing_behind(run: Run, hub: Hub, speaker: Speaker) -> None:
    follower = Follower()
    await speaker.say("Hello")

    for _ in range(50):
        await hub.follow(follower, run.pk)

    assert len(follower.callbacks) == 1
    assert [len(followed.followers) for followed in hub._runs.values()] == [1]
    follower.close()
    assert (hub._runs, hub._of_session) == ({}, {})
