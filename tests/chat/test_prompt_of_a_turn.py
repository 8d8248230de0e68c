"""The prompt of a turn, end to end: what the model is sent, what is kept of it, and who may look into it."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents.contracts import RunPrompt, RunRequest
from apps.chat.contracts import Receipt
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.prompting import stored_prompt, temporary_prompt
from apps.chat.services import edit_message
from apps.chat.services.projects import add_file, add_member, create_project, delete_project, remove_member
from apps.inference.facade import choose_model
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db
# The branch, the conversation, whether it was answered before, the files of its messages, and the report kept with the answer.
PLAIN_TURN = 5


@pytest.fixture(autouse=True)
def _models() -> None:
    scripted_provider()


def request_of(who: Someone, receipt: Receipt, options: dict[str, Any] | None = None) -> RunRequest:
    return RunRequest(
        receipt.run_id, who.actor.organization_id, who.actor.user_id, receipt.conversation, receipt.answer,
        options or {},
    )  # fmt: skip


def prompt_of(who: Someone, receipt: Receipt, options: dict[str, Any] | None = None) -> RunPrompt:
    choice = choose_model(who.actor.organization_id, "demo")
    return stored_prompt(request_of(who, receipt, options), choice)


def project_with_a_file(owner: Someone) -> UUID:
    project = create_project(owner.actor, name="Delphi", instructions="Answer in riddles.")
    data = b"Apollo speaks at noon."
    add_file(owner.actor, project_id=project.pk, name="hours.md", size_bytes=len(data), file=BytesIO(data))
    return project.pk


def put_into(receipt: Receipt, project_id: UUID) -> None:
    Conversation.objects.filter(pk=receipt.conversation).update(project=project_id)


def test_a_turn_is_sent_with_its_projects_instructions_and_files(owner: Someone) -> None:
    receipt = post(owner, "When?")
    put_into(receipt, project_with_a_file(owner))

    sent = prompt_of(owner, receipt, {"system": "Be brief."}).request.messages

    assert [message.role.value for message in sent] == ["system", "user"]
    words = sent[0].text
    assert words.index("Be brief.") < words.index("Answer in riddles.") < words.index("Apollo speaks at noon.")
    assert "hours.md" in words


def test_what_went_in_is_kept_with_the_answer(owner: Someone) -> None:
    receipt = post(owner, "When?", attachment_ids=[attach(owner, b"a,b\n1,2\n", "data.csv")])
    put_into(receipt, project_with_a_file(owner))

    prompt_of(owner, receipt)

    context = Message.objects.get(pk=receipt.answer).context
    assert [(part["kind"], part["label"]) for part in context["parts"]] == [
        ("project", "Delphi"), ("file", "hours.md"), ("history", ""), ("attachments", "data.csv"),
    ]  # fmt: skip
    assert (context["model"], context["context_length"], context["left_out_count"]) == ("demo", 8192, 0)


def test_text_files_go_with_their_message_now_and_later(owner: Someone) -> None:
    first = post(owner, "What is this?", attachment_ids=[attach(owner, b"Zeus", "gods.txt")])
    answer(first)
    second = post(owner, "And?", conversation_id=first.conversation)

    assert prompt_of(owner, first).request.messages[-1].text == "``` gods.txt\nZeus\n```\n\nWhat is this?"
    assert prompt_of(owner, second).request.messages[0].text == "``` gods.txt\nZeus\n```\n\nWhat is this?"


def test_a_system_prompt_of_the_conversation_holds_until_a_message_brings_its_own(owner: Someone) -> None:
    receipt = post(owner)
    Conversation.objects.filter(pk=receipt.conversation).update(settings={"options": {"system": "In verse."}})

    assert prompt_of(owner, receipt).request.messages[0].text == "In verse."
    assert prompt_of(owner, receipt, {"system": "In prose."}).request.messages[0].text == "In prose."
    assert len(prompt_of(owner, receipt, {"system": ""}).request.messages) == 1


def test_who_was_removed_has_nothing_of_the_project_in_the_next_turn(owner: Someone, member: Someone) -> None:
    project_id = project_with_a_file(owner)
    add_member(owner.actor, project_id=project_id, email=member.user.email, role="viewer")
    receipt = post(member, "When?")
    put_into(receipt, project_id)
    before = prompt_of(member, receipt).request.messages

    remove_member(owner.actor, project_id=project_id, user_id=member.user.pk)
    put_into(receipt, project_id)  # even if a row still said so
    after = prompt_of(member, receipt).request.messages

    assert "Answer in riddles." in before[0].text
    assert [message.role.value for message in after] == ["user"]


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_a_project_of_others_gives_nothing(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    intruder: Someone = request.getfixturevalue(who)
    receipt = post(intruder)
    put_into(receipt, project_with_a_file(owner))

    sent = stored_prompt(request_of(intruder, receipt), choose_model(owner.actor.organization_id, "demo"))

    assert len(sent.request.messages) == 1


def test_a_deleted_project_gives_nothing(owner: Someone) -> None:
    receipt, project_id = post(owner), project_with_a_file(owner)
    put_into(receipt, project_id)

    delete_project(owner.actor, project_id=project_id)

    assert len(prompt_of(owner, receipt).request.messages) == 1


def test_a_plain_turn_asks_little_however_long_the_conversation_is(owner: Someone) -> None:
    first = post(owner)
    receipt = first
    for number in range(12):
        answer(receipt)
        receipt = post(owner, f"Turn {number}", conversation_id=first.conversation, attachment_ids=[attach(owner)])
    choice = choose_model(owner.actor.organization_id, "demo")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        stored_prompt(request_of(owner, receipt), choice)

    assert len(asked) == PLAIN_TURN


def test_a_file_whose_bytes_are_lost_does_not_stop_a_turn(owner: Someone) -> None:
    receipt = post(owner, "What is this?", attachment_ids=[attach(owner, b"Zeus", "gods.txt"), attach(owner)])
    for row in Attachment.objects.all():
        row.file.storage.delete(row.file.name)

    assert "gods.txt" in prompt_of(owner, receipt).request.messages[-1].text


def test_what_is_left_out_is_counted_as_ever(owner: Someone) -> None:
    first = post(owner, "word " * 4000)
    answer(first, "word " * 4000)
    second = post(owner, "And?", conversation_id=first.conversation)

    assert prompt_of(owner, second).left_out_count == 2


def test_the_prompt_of_an_answer_is_shown_part_by_part(owner: Someone) -> None:
    receipt = post(owner, "When?", attachment_ids=[attach(owner, b"Zeus", "gods.txt")], model="demo")
    put_into(receipt, project_with_a_file(owner))
    prompt_of(owner, receipt)
    answer(receipt)

    shown = owner.client().get(f"/api/v1/messages/{receipt.answer}/prompt").json()

    texts = {part["kind"]: part["text"] for part in shown["parts"]}
    assert "Answer in riddles." in texts["project"]
    assert "Apollo speaks" in texts["file"]
    assert texts["history"] == "[user]\n``` gods.txt\nZeus\n```\n\nWhen?"
    assert [part["label"] for part in shown["stored"]["parts"]] == ["Delphi", "hours.md", "Conversation", "gods.txt"]
    assert shown["model"] == "demo"
    assert owner.client().get(f"/api/v1/messages/{receipt.message}/prompt").status_code == 404
    assert owner.client().get(f"/api/v1/messages/{uuid7()}/prompt").status_code == 404


def test_a_long_part_is_shown_up_to_its_bound(owner: Someone) -> None:
    receipt = post(owner, "x" * 200_000, model="demo")

    part = owner.client().get(f"/api/v1/messages/{receipt.answer}/prompt").json()["parts"][0]

    assert (len(part["text"]), part["text_length"]) == (100_000, 200_007)


def test_a_temporary_answers_prompt_is_shown_and_kept_nowhere(owner: Someone, store: object) -> None:
    receipt = post(owner, "Hush", options=TurnOptions(temporary=True, system="Whisper."))

    sent = temporary_prompt(request_of(owner, receipt), choose_model(owner.actor.organization_id, "demo"))
    shown = owner.client().get(f"/api/v1/messages/{receipt.answer}/prompt").json()

    assert [m.text for m in sent.request.messages] == ["Whisper.", "Hush"]
    assert [part["kind"] for part in shown["parts"]] == ["system", "history"]
    assert shown["stored"] is None


def test_the_coming_context_counts_what_is_there(owner: Someone) -> None:
    first = post(owner, "Hello there", model="demo")
    answer(first, "Hello yourself")
    project_id = project_with_a_file(owner)
    client, path = owner.client(), f"/api/v1/conversations/{first.conversation}/context"

    plain = client.get(path).json()
    tried = client.get(f"{path}?project={project_id}&model=demo").json()

    assert [(p["kind"], p.get("message_count")) for p in plain["parts"]] == [("history", 2)]
    assert plain["used"] == sum(part["token_count"] for part in plain["parts"])
    assert [p["kind"] for p in tried["parts"]] == ["project", "file", "history"]
    assert client.get(f"{path}?model=nobody").status_code == 404
    assert client.get(f"{path}?project={uuid7()}").status_code == 404
    assert client.get(f"{path}?what=1").status_code == 422


def test_the_context_of_an_empty_conversation_is_empty(owner: Someone) -> None:
    conversation = owner.client().post("/api/v1/conversations", {}, "application/json").json()

    context = owner.client().get(f"/api/v1/conversations/{conversation['id']}/context").json()

    assert (context["used"], context["left_out_count"]) == (0, 0)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_nobody_looks_into_anothers_prompt(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    receipt = post(owner)
    client = request.getfixturevalue(who).client()

    assert client.get(f"/api/v1/messages/{receipt.answer}/prompt").status_code == 404
    assert client.get(f"/api/v1/conversations/{receipt.conversation}/context").status_code == 404


def test_an_edit_keeps_its_files_when_the_first_is_gone(owner: Someone) -> None:
    first = post(owner, "What?", attachment_ids=[attach(owner, b"Zeus", "gods.txt")])
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]

    assert "Zeus" in prompt_of(owner, edited).request.messages[-1].text
