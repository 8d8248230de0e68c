"""Every frame a socket takes is tried by those whose things it names, and by those who may only look."""

from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from apps.accounts.models import Membership
from apps.accounts.services.keys import create_api_key, revoke_api_key
from apps.agents.following import close_hub
from apps.agents.models import Run
from apps.chat.contracts import Receipt
from apps.chat.models import Conversation, Message, Project
from apps.chat.options import TurnOptions
from apps.chat.services import post_message
from olympus.kernel.actor import Role, Scope
from olympus.kernel.live import registered_frames
from tests.support.cast import Someone
from tests.support.live import LiveClient, SocketRefused

pytestmark = pytest.mark.django_db(transaction=True)

Frame = dict[str, Any]
# Frames that carry no object of a person, with the reason.
CARRY_NOTHING = {"ping": "answers whoever has a socket"}
# Reading is what a viewer and a reading key may do.
ONLY_READ = {"run.resume"}


def attempts(mine: Receipt, project: UUID) -> dict[str, list[Frame]]:
    """Each frame with every object of the owner's it can name."""
    ids = {"conversation": str(mine.conversation), "answer": str(mine.answer), "message": str(mine.message)}
    return {
        "chat.send": [
            {"text": "Yours", "conversation": ids["conversation"]},
            {"text": "Yours", "conversation": ids["conversation"], "parent": ids["answer"]},
            {"text": "Yours", "conversation": ids["conversation"], "steer": True},
            {"text": "Yours", "conversation": ids["conversation"], "compare": "echo"},
            {"text": "Yours", "project": str(project)},
        ],
        "chat.regenerate": [{"message": ids["answer"]}],
        "chat.edit": [{"message": ids["message"], "text": "Changed"}],
        "chat.select": [{"message": ids["answer"]}, {"message": ids["message"]}],
        "chat.seen": [{"conversation": ids["conversation"]}],
        "chat.stop": [{"run_id": str(mine.run_id)}],
        "run.resume": [{"run_id": str(mine.run_id)}, {"run_id": str(mine.run_id), "after": 1}],
    }


@pytest.fixture(autouse=True)
async def _nothing_left_open() -> Any:
    yield
    await close_hub()
    await sync_to_async(connections.close_all)()


@pytest.fixture(params=["stored", "temporary"])
def mine(owner: Someone, request: pytest.FixtureRequest) -> Receipt:
    """A question of the owner's whose answer waits, in a conversation with an unread mark."""
    options = TurnOptions(temporary=request.param == "temporary")
    receipt = post_message(owner.actor, client_id="mine", text="Mine alone", options=options)
    Conversation.objects.update(is_unread=True)
    return receipt


@pytest.fixture
def project(owner: Someone) -> UUID:
    """A project of the owner's."""
    return Project.objects.create(
        organization_id=owner.actor.organization_id, owner_id=owner.user.pk, name="Mine alone"
    ).pk


def state() -> list[Any]:
    """All that frames can change."""
    runs = Run.objects.order_by("pk").values_list("pk", "state", "is_cancel_requested")
    read = Conversation.objects.order_by("pk").values_list("pk", "active_leaf_id", "is_unread", "title")
    return [*runs, *read, *Message.objects.order_by("pk").values_list("pk", "text", "state")]


def test_every_frame_is_tried() -> None:
    nobody = UUID(int=0)

    assert {*attempts(Receipt(nobody, nobody, nobody, nobody, ""), nobody), *CARRY_NOTHING} == set(registered_frames())


@pytest.mark.parametrize("who", ["member", "stranger"])
async def test_frames_that_name_anothers_things_find_nothing(
    who: str, mine: Receipt, project: UUID, member: Someone, stranger: Someone
) -> None:
    intruder = {"member": member, "stranger": stranger}[who]
    before = await sync_to_async(state)()

    answers = await _try(attempts(mine, project), intruder.socket_headers())

    assert {answer["type"] for answer in answers} == {"error"}
    assert all(answer["code"].endswith("not_found") for answer in answers), answers
    assert await sync_to_async(state)() == before


@pytest.mark.parametrize("how", ["viewer", "key"])
async def test_those_who_only_look_change_nothing(how: str, mine: Receipt, project: UUID, owner: Someone) -> None:
    headers = owner.socket_headers()
    if how == "viewer":
        await Membership.objects.filter(user=owner.user).aupdate(role=Role.VIEWER)
    else:
        headers = await sync_to_async(_key_headers)(owner, Scope.READ)
    before = await sync_to_async(state)()
    wanted = {name: frames for name, frames in attempts(mine, project).items() if name not in ONLY_READ}
    wanted["chat.send"].append({"text": "A new one"})

    answers = await _try(wanted, headers)

    assert {answer.get("code") for answer in answers} == {"denied"}
    assert await sync_to_async(state)() == before


async def test_a_key_that_reads_follows_its_owners_run(mine: Receipt, owner: Someone) -> None:
    headers = await sync_to_async(_key_headers)(owner, Scope.READ)

    async with LiveClient(headers) as socket:
        socket.send({"type": "run.resume", "run_id": str(mine.run_id)})
        snapshot = await socket.wait_for(lambda e: e["type"] == "snapshot")

    assert snapshot["metadata"]["run_id"] == str(mine.run_id)


async def test_a_revoked_key_opens_no_socket(owner: Someone) -> None:
    headers = await sync_to_async(_key_headers)(owner, Scope.WRITE, is_revoked=True)

    with pytest.raises(SocketRefused) as refused:
        async with LiveClient(headers):
            pass

    assert refused.value.code == 4401


@pytest.mark.parametrize("path", ["/", "/ws", "/ws/other/", "/api/v1/me", "/admin/"])
async def test_no_other_address_opens_a_socket(path: str, owner: Someone) -> None:
    with pytest.raises(SocketRefused):
        async with LiveClient(owner.socket_headers(), path):
            pass


async def _try(wanted: dict[str, list[Frame]], headers: dict[str, str]) -> list[Frame]:
    answers = []
    async with LiveClient(headers) as socket:
        for name, frames in wanted.items():
            for number, frame in enumerate(frames):
                frame_id = f"{name} {number}"
                socket.send({"type": name, "id": frame_id, **frame})
                answers.append(await socket.wait_for(lambda e, i=frame_id: e.get("id") == i))
    return answers


def _key_headers(who: Someone, scope: Scope, *, is_revoked: bool = False) -> dict[str, str]:
    key, secret = create_api_key(actor=who.actor, name="a program", scopes=[scope])
    if is_revoked:
        revoke_api_key(actor=who.actor, key_id=key.pk)
    return {"authorization": f"Bearer {secret}", "host": "localhost"}
