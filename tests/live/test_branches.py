"""Comparing, choosing a branch and looking, as sockets see them."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from apps.agents.models import Run
from apps.chat.models import Conversation, Message
from tests.support.cast import Someone
from tests.support.live import LiveClient
from tests.support.runs import running_worker, scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _stack(transactional_db: None) -> Iterator[None]:
    scripted_provider()
    with running_worker():
        yield


async def asked(socket: LiveClient, frame_id: str, **frame: Any) -> dict[str, Any]:
    """Send a message and see its answer through."""
    socket.send({"type": "chat.send", "id": frame_id, "text": "Hello there", "model": "demo", **frame})
    ack = await socket.ack(frame_id)
    await socket.end_of(ack["run_id"])
    return ack


async def test_both_answers_of_a_comparison_come_over_one_socket(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "one", "text": "Hello there", "model": "demo", "compare": "echo"})
        ack = await socket.ack("one")
        ends = [await socket.wait_for(lambda e: e["type"] == "complete") for _ in range(2)]

    assert {end["metadata"]["run_id"] for end in ends} == {ack["run_id"], ack["also"]["run_id"]}
    texts = {row.pk: row.text async for row in Message.objects.filter(parent_id=ack["message"])}
    assert {str(pk) for pk in texts} == {ack["answer"], ack["also"]["answer"]}
    assert socket.text_of(ack["also"]["run_id"]) == (await Message.objects.aget(pk=ack["also"]["answer"])).text
    assert all(texts.values())


async def test_a_branch_chosen_in_one_tab_is_told_to_the_other(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as here, LiveClient(owner.socket_headers()) as there:
        first = await asked(here, "one")
        here.send({"type": "chat.regenerate", "id": "two", "message": first["answer"], "options": {"seed": 1}})
        again = await here.ack("two")
        await here.end_of(again["run_id"])
        here.send({"type": "chat.select", "id": "three", "message": first["answer"]})
        done = await here.wait_for(lambda e: e["type"] == "done")
        told = await there.wait_for(lambda e: e["type"] == "conversation.branch")

    assert done == {"type": "done", "id": "three", "conversation": first["conversation"]}
    assert told == {
        "type": "conversation.branch",
        "conversation": first["conversation"],
        "leaf": first["answer"],
    }
    assert (await Run.objects.aget(pk=again["run_id"])).options == {"seed": 1}


async def test_a_look_is_told_to_every_tab_once(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as here, LiveClient(owner.socket_headers()) as there:
        first = await asked(here, "one")
        await there.wait_for(lambda e: e["type"] == "run.over")
        was_unread = (await Conversation.objects.aget()).is_unread
        here.send({"type": "chat.seen", "conversation": first["conversation"]})
        told = await there.wait_for(
            lambda e: e["type"] == "conversation.changed" and e["conversation"]["id"] == first["conversation"]
        )

    assert was_unread
    assert told["conversation"]["title"] == "Hello there"
    assert not (await sync_to_async(Conversation.objects.get)()).is_unread


async def test_a_steering_message_is_answered_after_what_it_stopped(owner: Someone) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({"type": "chat.send", "id": "one", "text": "Hello there", "model": "demo"})
        first = await socket.ack("one")
        await socket.wait_for(lambda e: e["type"] == "token" and e["metadata"]["run_id"] == first["run_id"])
        steering = await asked(socket, "two", conversation=first["conversation"], steer=True)

    stopped = await Message.objects.aget(pk=first["answer"])
    answered = await Message.objects.aget(pk=steering["answer"])
    assert stopped.text
    assert stopped.state in {"cancelled", "complete"}
    assert (answered.state, answered.depth) == ("complete", 3)
