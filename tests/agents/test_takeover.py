"""What becomes of a run whose worker died."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import redis
from asgiref.sync import async_to_sync
from django.db import connections
from django.utils import timezone

from apps.agents.contracts import RunState
from apps.agents.engine.transcript import Piece
from apps.agents.leases import MAX_ATTEMPTS
from apps.agents.models import Run, RunLog
from apps.agents.tail import FIELD, encode_piece, stream_key
from apps.agents.worker.live import LiveWriter
from apps.agents.worker.takeover import take_over_abandoned
from apps.chat.options import TurnOptions
from apps.chat.services import post_message
from apps.chat.temporary import load_temporary
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, dead_worker, held_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _connections_closed() -> Iterator[None]:
    yield
    connections.close_all()


def log(run: Run, seq: int, text: str, offset: int = 0, kind: str = "token") -> None:
    RunLog.objects.create(run=run, seq=seq, kind=kind, offset=offset, content=text, token_count=seq)


def tail(store: redis.Redis, run: Run, *pieces: Piece) -> None:
    for piece in pieces:
        store.xadd(stream_key(run.pk), {FIELD: encode_piece(piece, run.pk, attempt=run.attempt, now=timezone.now())})


def token(seq: int, text: str, offset: int) -> Piece:
    return Piece("token", offset, [text], token_count=seq, seq=seq)


@async_to_sync
async def sweep() -> None:
    live = LiveWriter()
    try:
        await take_over_abandoned(live)
    finally:
        await live.close()


def last_frame(store: redis.Redis, run: Run) -> dict[str, Any]:
    (_, fields), *_ = store.xrevrange(stream_key(run.pk), count=1)
    return msgspec.json.decode(fields[FIELD])


def test_log_and_live_tail_together_are_kept(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker(), model="demo")
    log(run, 3, "Once upon ")
    tail(store, run, token(2, "upon ", 5), token(3, "", 10), token(4, "a time", 10), token(5, "…", 16))

    sweep()

    run.refresh_from_db()
    kept = host.outcomes[run.pk]
    assert (run.state, run.error_code, run.worker_id) == ("interrupted", "interrupted", None)
    assert kept.text == "Once upon a time…"
    assert not RunLog.objects.exists()


def test_the_end_is_told_past_every_number_used(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker())
    tail(store, run, token(1, "Once", 0))

    sweep()

    run.refresh_from_db()
    frame = last_frame(store, run)
    assert (frame["type"], frame["state"], frame["kept_length"]) == ("error", "interrupted", 4)
    assert frame["metadata"]["seq"] == run.last_seq > 1
    assert 0 < store.ttl(stream_key(run.pk)) <= 60


def test_what_a_flush_took_is_lost_but_the_log_is_kept(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker())
    log(run, 3, "Once upon ")
    tail(store, run, token(4, "a ", 10))
    store.flushdb()
    tail(store, run, token(6, "ago", 17))

    sweep()

    assert host.outcomes[run.pk].text == "Once upon "


def test_a_run_that_said_nothing_begins_again(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker())
    RunLog.objects.create(run=run, seq=1, kind="state", data={"state": "processing"})

    sweep()

    run.refresh_from_db()
    assert (run.state, run.worker_id) == ("queued", None)
    assert run.last_seq > 1, "numbers that were sent but not stored must not come twice"
    assert host.outcomes == {}


def test_a_run_that_kills_its_workers_is_given_up(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker(), attempt=MAX_ATTEMPTS)

    sweep()

    run.refresh_from_db()
    assert run.state == "interrupted"


@pytest.mark.parametrize("text", ["", "Some of it"])
def test_a_run_cancelled_while_its_worker_was_dead_ends_cancelled(
    text: str, owner: Someone, host: MemoryHost, store: redis.Redis
) -> None:
    run = held_run(owner.actor, dead_worker(), is_cancel_requested=True)
    if text:
        log(run, 3, text)

    sweep()

    run.refresh_from_db()
    assert (run.state, run.error_code) == ("cancelled", "")
    assert host.outcomes[run.pk].text == text
    assert last_frame(store, run)["type"] == "complete"


def test_tool_calls_and_thinking_are_kept_too(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    run = held_run(owner.actor, dead_worker())
    log(run, 2, "hmm", kind="thinking")
    call = {"id": "1", "name": "search", "arguments": {"q": "x"}}
    RunLog.objects.create(run=run, seq=3, kind="tool_request", data=call)

    sweep()

    kept = host.outcomes[run.pk]
    assert (kept.thinking, kept.tool_calls) == ("hmm", (call,))


def test_a_temporary_run_keeps_what_the_tail_has_and_writes_no_text(owner: Someone, store: redis.Redis) -> None:
    receipt = post_message(owner.actor, client_id="t", text="A secret", options=TurnOptions(temporary=True))
    run = Run.objects.get(pk=receipt.run_id)
    Run.objects.filter(pk=run.pk).update(worker=dead_worker(), state=RunState.STREAMING, attempt=1)
    tail(store, run, token(1, "Half an ", 0), token(2, "answer", 8))

    sweep()

    run.refresh_from_db()
    conversation = load_temporary(receipt.conversation)
    assert run.state == "interrupted"
    assert conversation is not None
    assert conversation.messages[receipt.answer].text == "Half an answer"
    assert not RunLog.objects.exists()


def test_a_temporary_run_whose_conversation_is_gone_ends_all_the_same(owner: Someone, store: redis.Redis) -> None:
    receipt = post_message(owner.actor, client_id="t", text="A secret", options=TurnOptions(temporary=True))
    Run.objects.filter(pk=receipt.run_id).update(worker=dead_worker(), state=RunState.STREAMING, attempt=MAX_ATTEMPTS)
    store.flushdb()

    sweep()

    run = Run.objects.get(pk=receipt.run_id)
    assert (run.state, run.error_code) == ("error", "temporary_gone")


def test_one_run_that_cannot_be_settled_does_not_keep_the_others(
    owner: Someone, host: MemoryHost, store: redis.Redis
) -> None:
    held_run(owner.actor, dead_worker(), host="unknown", attempt=MAX_ATTEMPTS)
    run = held_run(owner.actor, dead_worker(), attempt=MAX_ATTEMPTS)

    sweep()

    run.refresh_from_db()
    assert run.state == "interrupted"


def test_a_living_workers_run_is_left_alone(owner: Someone, host: MemoryHost, store: redis.Redis) -> None:
    from apps.agents.leases import enroll_worker  # noqa: PLC0415 - beside its use
    from apps.agents.models import Worker  # noqa: PLC0415

    run = held_run(owner.actor, Worker.objects.get(pk=enroll_worker()))
    log(run, 3, "Going on")

    sweep()

    run.refresh_from_db()
    assert run.state == "streaming"
    assert RunLog.objects.count() == 1
