"""A turn from the socket to the answer, through the database, Valkey and a worker's loop."""

import json
from collections.abc import Iterator

import pytest

from apps.agents.models import Run, RunLog
from apps.chat.models import Conversation, Message
from apps.inference.engine.scripted import _DEMO
from tests.support.cast import Someone
from tests.support.live import LiveClient
from tests.support.runs import running_worker, scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _stack(transactional_db: None) -> Iterator[None]:
    scripted_provider()
    with running_worker():
        yield


async def test_a_message_is_answered_stored_and_told(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send(
            {
                "type": "chat.send",
                "id": "one",
                "conversation": None,
                "parent": None,
                "text": "Hello there",
                "model": "demo",
            }
        )
        ack = await socket.ack("one")
        last = await socket.end_of(ack["run_id"])

    answer = await Message.objects.aget(pk=ack["answer"])
    assert last["type"] == "complete"
    assert last["content"]["state"] == "complete"
    assert socket.text_of(ack["run_id"]) == answer.text == _DEMO
    assert (answer.state, answer.model) == ("complete", "demo")
    assert not await RunLog.objects.filter(run_id=ack["run_id"]).aexists()


async def test_a_repeated_id_gets_the_first_ack_and_the_answer_again(owner: Someone) -> None:
    frame = {"type": "chat.send", "id": "same", "text": "Hello there", "model": "demo"}
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send(frame)
        first = await socket.ack("same")
        await socket.end_of(first["run_id"])
    async with LiveClient(owner.socket_headers()) as again:
        again.send(frame)
        second = await again.ack("same")
        await again.end_of(second["run_id"])

    assert first == second
    assert again.text_of(second["run_id"]) == _DEMO
    assert await Message.objects.acount() == 2


async def test_a_second_tab_joins_in_the_middle_and_misses_nothing(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as first, LiveClient(owner.socket_headers()) as second:
        first.send({"type": "chat.send", "id": "a", "text": "Tell me", "model": "demo"})
        ack = await first.ack("a")
        started = await second.wait_for(lambda e: e["type"] == "run.started")
        await first.wait_for(lambda e: e["type"] == "token")
        second.send({"type": "run.resume", "run_id": started["run_id"], "after": 0})
        await second.end_of(ack["run_id"])
        await first.end_of(ack["run_id"])

    assert started["answer"] == ack["answer"]
    assert second.text_of(ack["run_id"]) == first.text_of(ack["run_id"]) == _DEMO


async def test_a_client_that_comes_back_gets_only_what_it_missed(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as first:
        first.send({"type": "chat.send", "id": "a", "text": "Tell me", "model": "demo"})
        ack = await first.ack("a")
        token = await first.wait_for(lambda e: e["type"] == "token")
    async with LiveClient(owner.socket_headers()) as second:
        second.events = [e for e in first.events if e["type"] == "token"]
        second.send({"type": "run.resume", "run_id": ack["run_id"], "after": token["metadata"]["seq"]})
        await second.end_of(ack["run_id"])

    numbers = [e["metadata"]["seq"] for e in second.events if e["type"] == "token"]
    assert len(numbers) == len(set(numbers))
    assert second.text_of(ack["run_id"]) == _DEMO


async def test_stop_keeps_what_was_written(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": " ".join(["word"] * 500), "model": "echo"})
        ack = await socket.ack("a")
        await socket.wait_for(lambda e: e["type"] == "token")
        socket.send({"type": "chat.stop", "id": "s", "run_id": ack["run_id"]})
        last = await socket.end_of(ack["run_id"])

    answer = await Message.objects.aget(pk=ack["answer"])
    assert last["content"]["state"] == "cancelled"
    assert answer.text
    assert answer.text == socket.text_of(ack["run_id"])
    assert len(answer.text) < 2400


async def test_the_next_message_waits_for_the_answer(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "Tell me", "model": "demo"})
        first = await socket.ack("a")
        socket.send(
            {"type": "chat.send", "id": "b", "text": "And then", "model": "echo", "conversation": first["conversation"]}
        )
        second = await socket.ack("b")
        assert (await Run.objects.aget(pk=second["run_id"])).state == "queued"
        await socket.end_of(second["run_id"])

    kinds = [(e["type"], e["metadata"]["run_id"]) for e in socket.events if e["type"] == "complete"]
    assert kinds == [("complete", first["run_id"]), ("complete", second["run_id"])]
    assert socket.text_of(second["run_id"]) == "And then"


async def test_a_withdrawn_message_is_never_answered(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "Tell me", "model": "demo"})
        first = await socket.ack("a")
        socket.send({"type": "chat.send", "id": "b", "text": "And then", "conversation": first["conversation"]})
        second = await socket.ack("b")
        socket.send({"type": "chat.stop", "id": "c", "run_id": second["run_id"]})
        withdrawn = await socket.ack("c")
        await socket.end_of(first["run_id"])

    conversation = await Conversation.objects.aget(pk=first["conversation"])
    assert withdrawn["state"] == "cancelled"
    assert str(conversation.active_leaf_id) == first["answer"]
    assert (await Message.objects.aget(pk=second["answer"])).text == ""


async def test_regenerate_and_edit_make_siblings(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "One", "model": "echo"})
        first = await socket.ack("a")
        await socket.end_of(first["run_id"])
        socket.send({"type": "chat.regenerate", "id": "b", "message": first["answer"]})
        second = await socket.ack("b")
        await socket.end_of(second["run_id"])
        socket.send({"type": "chat.edit", "id": "c", "message": first["message"], "text": "Two"})
        third = await socket.ack("c")
        await socket.end_of(third["run_id"])

    assert second["message"] == first["message"]
    assert third["message"] != first["message"]
    assert (await Message.objects.aget(pk=third["message"])).parent_id is None
    assert socket.text_of(third["run_id"]) == "Two"


async def test_a_temporary_conversation_leaves_no_text_in_the_database(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send(
            {"type": "chat.send", "id": "a", "text": "A secret word", "model": "echo", "options": {"temporary": True}}
        )
        first = await socket.ack("a")
        await socket.end_of(first["run_id"])
        socket.send(
            {"type": "chat.send", "id": "b", "text": "Again", "model": "echo", "conversation": first["conversation"]}
        )
        second = await socket.ack("b")
        await socket.end_of(second["run_id"])

    run = await Run.objects.aget(pk=first["run_id"])
    assert socket.text_of(first["run_id"]) == "A secret word"
    assert await Message.objects.acount() == 0
    assert await RunLog.objects.acount() == 0
    assert "secret" not in json.dumps(run.options)


async def test_a_strangers_frames_find_nothing(owner: Someone, stranger: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "Mine", "model": "echo"})
        mine = await socket.ack("a")
        await socket.end_of(mine["run_id"])
    attempts = [
        {"type": "chat.send", "id": "1", "text": "Yours", "conversation": mine["conversation"]},
        {"type": "chat.regenerate", "id": "2", "message": mine["answer"]},
        {"type": "chat.edit", "id": "3", "message": mine["message"], "text": "Changed"},
        {"type": "chat.stop", "id": "4", "run_id": mine["run_id"]},
        {"type": "run.resume", "id": "5", "run_id": mine["run_id"]},
    ]
    async with LiveClient(stranger.socket_headers()) as socket:
        for attempt in attempts:
            socket.send(attempt)
            answer = await socket.ack(attempt["id"])
            assert answer["type"] == "error", attempt
            assert answer["code"].endswith("not_found"), answer


async def test_an_unknown_model_ends_the_run_with_a_clear_error(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "a", "text": "Hello", "model": "no-such-model"})
        ack = await socket.ack("a")
        last = await socket.end_of(ack["run_id"])

    assert (last["type"], last["code"]) == ("error", "model_not_found")
    assert (await Message.objects.aget(pk=ack["answer"])).error_code == "model_not_found"
