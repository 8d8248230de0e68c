"""A turn in a project, from the socket to the answer: the model reads the files, and what it read is kept."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from apps.chat.models import Conversation, Message
from apps.chat.services.projects import add_file, create_project
from tests.chat.saying import attach
from tests.support.cast import Someone
from tests.support.live import LiveClient
from tests.support.runs import running_worker, scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _stack(transactional_db: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    scripted_provider()
    with running_worker():
        yield


def conversation_in_a_project(owner: Someone) -> Conversation:
    project = create_project(owner.actor, name="Delphi", instructions="Answer in riddles.")
    add_file(owner.actor, project_id=project.pk, name="hours.md", size_bytes=4, file=BytesIO(b"Noon"))
    data: dict[str, Any] = {"organization_id": owner.actor.organization_id, "owner_id": owner.actor.user_id}
    return Conversation.objects.create(**data, title="When", project=project, updated_at=project.created_at)


async def test_the_model_reads_the_files_and_what_it_read_is_kept(owner: Someone) -> None:
    conversation = await sync_to_async(conversation_in_a_project)(owner)
    file_id = await sync_to_async(attach)(owner, b"Apollo, Pythia", "gods.csv")
    frame = {"type": "chat.send", "id": "a", "text": "Who speaks?", "model": "echo", "attachments": [str(file_id)]}

    async with LiveClient(owner.socket_headers()) as socket:
        socket.send({**frame, "conversation": str(conversation.pk)})
        ack = await socket.ack("a")
        await socket.end_of(ack["run_id"])

    answer = await Message.objects.aget(pk=ack["answer"])
    assert answer.text == "``` gods.csv\nApollo, Pythia\n```\n\nWho speaks?"
    assert answer.context is not None
    assert [(part["kind"], part["label"]) for part in answer.context["parts"]] == [
        ("project", "Delphi"),
        ("file", "hours.md"),
        ("history", ""),
        ("attachments", "gods.csv"),
    ]
