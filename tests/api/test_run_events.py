"""A run's events as a stream: whole, resumable, ended, and let go of at once."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connections

from apps.accounts.services.keys import create_api_key
from apps.agents import following
from apps.agents.following import close_hub
from apps.agents.streaming import run_events
from apps.chat.contracts import Receipt
from apps.inference.engine.scripted import _DEMO
from olympus.kernel.actor import Actor, Scope
from olympus.kernel.ids import uuid7
from olympus.kernel.rest.streaming import event_response
from tests.chat.saying import answer, post
from tests.support.cast import Someone
from tests.support.events import EventReader, text_of
from tests.support.live import LiveClient
from tests.support.runs import running_worker, scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def _nothing_left_open() -> AsyncIterator[None]:
    yield
    await close_hub()
    await sync_to_async(connections.close_all)()


@pytest.fixture
async def unhandled() -> list[dict[str, Any]]:
    """What the loop was told of that nobody waited for."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    return told


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """A worker and the scripted models."""
    scripted_provider()
    with running_worker():
        yield


@pytest.fixture
def headers(owner: Someone) -> dict[str, str]:
    """A program with a key that may only read."""
    _, secret = create_api_key(actor=owner.actor, name="reads", scopes=[Scope.READ])
    return {"Authorization": f"Bearer {secret}", "Host": "localhost", "Accept": "text/event-stream"}


def events_of(receipt: Receipt) -> str:
    return f"/api/v1/runs/{receipt.run_id}/events"


async def ask(who: Someone, **more: Any) -> Receipt:
    return await sync_to_async(post)(who, model="demo", **more)


async def test_an_answer_is_streamed_whole_and_ends(owner: Someone, headers: dict[str, str], worker: None) -> None:
    receipt = await ask(owner)

    async with EventReader(headers, events_of(receipt)) as reader:
        await reader.to_the_end()

    numbers = [event.id for event in reader.events]
    assert reader.status == 200
    assert text_of(reader.events) == _DEMO
    assert reader.events[-1].event == "complete"
    assert numbers == sorted(set(numbers))
    assert all(event.id == event.data["metadata"]["seq"] for event in reader.events)
    assert all(event.event == event.data["type"] for event in reader.events)


async def test_nobody_between_keeps_or_buffers_it(owner: Someone, headers: dict[str, str], worker: None) -> None:
    receipt = await ask(owner)

    async with EventReader(headers, events_of(receipt)) as reader:
        await reader.to_the_end()

    assert reader.answer_headers["content-type"] == "text/event-stream"
    assert reader.answer_headers["cache-control"] == "no-store"
    assert reader.answer_headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in reader.answer_headers


async def test_the_socket_and_the_stream_say_the_same(owner: Someone, headers: dict[str, str], worker: None) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "Tell me", "model": "demo"})
        run_id = (await socket.ack("a"))["run_id"]
        async with EventReader(headers, f"/api/v1/runs/{run_id}/events") as reader:
            await reader.to_the_end()
        await socket.end_of(run_id)

    told = {event["metadata"]["seq"]: event for event in socket.events if "seq" in event.get("metadata", {})}
    live = [event for event in reader.events if event.event != "snapshot" and event.id in told]
    assert live
    assert all(event.data == told[event.id] for event in live)


@pytest.mark.parametrize("how", ["header", "query"])
async def test_a_cut_stream_goes_on_where_it_was(
    how: str, owner: Someone, headers: dict[str, str], worker: None
) -> None:
    receipt = await ask(owner)
    async with EventReader(headers, events_of(receipt)) as first:
        while not text_of(first.events):
            await first.next_event()
    last = first.events[-1].id

    again = {**headers, "Last-Event-ID": str(last)} if how == "header" else headers
    async with EventReader(again, events_of(receipt) + ("" if how == "header" else f"?after={last}")) as second:
        await second.to_the_end()

    assert text_of([*first.events, *second.events]) == _DEMO
    assert all(event.id > last or event.event == "snapshot" for event in second.events)


async def test_who_has_the_last_event_is_told_to_stop_asking(
    owner: Someone, headers: dict[str, str], worker: None
) -> None:
    receipt = await ask(owner)
    async with EventReader(headers, events_of(receipt)) as reader:
        await reader.to_the_end()

    async with EventReader({**headers, "Last-Event-ID": str(reader.events[-1].id)}, events_of(receipt)) as again:
        pass

    assert again.status == 204


async def test_a_run_that_is_over_is_told_at_once(owner: Someone, headers: dict[str, str]) -> None:
    receipt = await ask(owner)
    await sync_to_async(answer)(receipt, "So it was.")

    async with EventReader(headers, events_of(receipt)) as reader:
        await reader.to_the_end()

    assert [event.event for event in reader.events] == ["snapshot", "complete"]
    assert text_of(reader.events) == "So it was."


async def test_a_client_that_goes_is_not_followed_any_more(owner: Someone, headers: dict[str, str]) -> None:
    receipt = await ask(owner)

    async with EventReader(headers, events_of(receipt)) as reader:
        await reader.next_event()
        followed_meanwhile = receipt.run_id in following.hub()._runs

    assert followed_meanwhile
    assert receipt.run_id not in following.hub()._runs


@pytest.mark.parametrize(
    ("value", "status"), [("x", 422), ("-1", 422), ("9" * 30, 422), ("\u0663", 422), (str(2**62), 200)]
)
async def test_a_number_that_is_none_is_refused(
    value: str, status: int, owner: Someone, headers: dict[str, str]
) -> None:
    receipt = await ask(owner)

    async with EventReader({**headers, "Last-Event-ID": value}, events_of(receipt)) as reader:
        pass

    assert reader.status == status


async def test_another_persons_run_is_not_there(member: Someone, headers: dict[str, str]) -> None:
    receipt = await ask(member)

    async with EventReader(headers, events_of(receipt)) as reader:
        pass

    assert (reader.status, reader.answer_headers["content-type"]) == (404, "application/problem+json")


async def test_silence_is_broken_by_a_comment() -> None:
    never = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        await never.wait()
        yield b""

    response = event_response(silent(), heartbeat_s=0.01)  # type: ignore[arg-type]
    stream = aiter(response)
    heard = [await anext(stream) for _ in range(3)]
    await response._iterator.aclose()  # type: ignore[attr-defined]

    assert heard == [b": still here\n\n"] * 3


async def test_a_reader_who_leaves_as_the_run_ends_leaves_no_complaint(unhandled: list[dict[str, Any]]) -> None:
    may_end = asyncio.Event()

    async def ending() -> AsyncIterator[bytes]:
        yield b"last"
        await may_end.wait()

    response = event_response(ending(), heartbeat_s=60)  # type: ignore[arg-type]
    stream: Any = aiter(response)
    heard = [await anext(stream) for _ in range(2)]
    reading: asyncio.Task[bytes] = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.01)
    may_end.set()
    reading.cancel()
    await asyncio.wait({reading})
    del response, stream, reading
    gc.collect()

    assert heard == [b": still here\n\n", b"last"]
    assert unhandled == []


async def test_who_is_shut_out_hears_nothing_more(owner: Someone) -> None:
    receipt = await ask(owner)

    frames = run_events(owner.actor, receipt.run_id, after=0, actor_now=lambda: None, recheck_s=0.05)
    heard = [frame.type async for frame in frames]

    assert heard == ["snapshot"]


async def test_while_the_database_is_away_it_ends_and_whoever_reads_comes_back(
    owner: Someone, caplog: pytest.LogCaptureFixture
) -> None:
    receipt = await ask(owner)

    def away() -> Actor:
        raise OperationalError("couldn't get a connection")

    frames = run_events(owner.actor, receipt.run_id, after=0, actor_now=away, recheck_s=0.05)
    heard = [frame.type async for frame in frames]

    assert heard == ["snapshot"]
    assert [record.levelname for record in caplog.records if record.name == "apps.agents.streaming"] == ["WARNING"]


async def test_who_does_not_read_is_let_go(owner: Someone) -> None:
    receipt = await ask(owner)

    frames = run_events(owner.actor, receipt.run_id, after=0, actor_now=lambda: owner.actor, max_unsent_chars=10)
    heard = [frame.type async for frame in frames]

    assert heard == []
    assert receipt.run_id not in following.hub()._runs


async def test_a_run_that_never_was_is_not_found(headers: dict[str, str]) -> None:
    async with EventReader(headers, f"/api/v1/runs/{uuid7()}/events") as reader:
        pass

    assert reader.status == 404
