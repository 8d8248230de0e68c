"""The way out for live frames."""

import asyncio
import json
from uuid import uuid4

import pytest
import redis
from redis import asyncio as aioredis

from apps.agents.contracts import RunRequest
from apps.agents.engine.transcript import Transcript
from apps.agents.leases import Claim
from apps.agents.tail import FIELD, MAX_ENTRIES, stream_key
from apps.agents.worker.carried import Carried
from apps.agents.worker.live import LiveWriter


def carried() -> Carried:
    request = RunRequest(uuid4(), uuid4(), uuid4(), uuid4(), uuid4(), {})
    return Carried(Claim(request, uuid4(), 1, "test", "demo", False, 0), Transcript())


def sent(store: redis.Redis, run: Carried) -> list[dict[str, object]]:
    return [json.loads(fields[FIELD]) for _, fields in store.xrange(stream_key(run.claim.request.run_id))]


async def test_what_is_said_within_a_tick_is_one_frame(store: redis.Redis) -> None:
    run, live = carried(), LiveWriter()
    for word in ("Once ", "upon ", "a time"):
        run.transcript.add_text("token", word, token_count=1)
        live.news(run)

    await live.send_now(run)
    await live.close()

    (frame,) = sent(store, run)
    assert frame["content"] == "Once upon a time"
    assert 0 < store.ttl(stream_key(run.claim.request.run_id)) <= 3600


async def test_the_first_word_does_not_wait_for_the_tick(store: redis.Redis) -> None:
    first, late, live = carried(), carried(), LiveWriter()
    live.carried_count = 10_000
    sending = asyncio.create_task(live.run_forever())
    try:
        for run in (first, late):
            run.transcript.add_text("token", "Once")
            started = asyncio.get_running_loop().time()
            live.news(run)
            while not sent(store, run):  # noqa: ASYNC110 - Valkey tells nobody
                await asyncio.sleep(0.002)
            assert asyncio.get_running_loop().time() - started < 0.15
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await live.close()


async def test_the_tail_is_bounded(store: redis.Redis) -> None:
    run, live = carried(), LiveWriter()
    for number in range(MAX_ENTRIES + 400):
        run.transcript.add_event("tool_result", {"n": number})
    await live.send_now(run)
    await live.close()

    assert store.xlen(stream_key(run.claim.request.run_id)) <= MAX_ENTRIES + 100


async def test_a_server_that_sends_megabytes_does_not_fill_valkey(store: redis.Redis) -> None:
    run, live = carried(), LiveWriter()
    for _ in range(60):
        run.transcript.add_text("token", "x" * 500_000)
        await live.send_now(run)
    await live.close()

    assert store.memory_usage(stream_key(run.claim.request.run_id)) < 10_000_000
    assert sent(store, run)[-1]["metadata"]["seq"] == 60  # type: ignore[index]


async def test_valkey_away_costs_the_frames_and_no_time(store: redis.Redis) -> None:
    run, live = carried(), LiveWriter()
    real, live._client = live._client, aioredis.Redis.from_url("unix:///nowhere/valkey.sock")
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number in range(200):
        run.transcript.add_text("token", f"{number} ")
        await live.send_now(run)
    took = loop.time() - started
    await live._client.aclose()
    live._client, live._down_until = real, 0.0
    run.transcript.add_text("token", "back")
    await live.send_now(run)
    await live.close()

    (frame,) = sent(store, run)
    assert took < 2.0
    assert frame["content"] == "back"
    assert frame["metadata"]["seq"] == 201  # type: ignore[index]
    assert run.transcript.text.endswith("199 back")


@pytest.mark.parametrize("text", ["", "🏛️" * 1000, 'a"\\\n\u2028</script>'])
async def test_any_text_comes_out_as_it_went_in(text: str, store: redis.Redis) -> None:
    run, live = carried(), LiveWriter()
    run.transcript.add_text("token", text)

    await live.send_now(run)
    await live.close()

    assert sent(store, run)[0]["content"] == text
