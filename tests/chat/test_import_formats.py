"""Each product's export as it is written comes in whole: branches, thinking, tools, files, times, models."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.chat.models import Attachment, Conversation, Message
from tests.chat.saying import picture
from tests.chat.transferring import as_json, bring_in, chatgpt, fixture, zipped
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def branch(conversation: Conversation) -> list[Message]:
    """The branch being read, oldest first."""
    at, found = conversation.active_leaf, []
    while at is not None:
        found.append(at)
        at = at.parent
    return found[::-1]


def test_chatgpt_keeps_branches_thinking_tools_pictures_and_times(member: Someone) -> None:
    archive = zipped(
        {"conversations.json": fixture("chatgpt.json"), "file-Ab12Cd34-stone.png": picture(), "user.json": "{}"}
    )

    job = bring_in(member, archive, "export.zip")

    assert (job.state, job.format, job.done_count, job.report) == ("complete", "chatgpt", 2, [])
    stone = Conversation.objects.get(title="Marble and its grain")
    question, answer = branch(stone)
    assert question.text == "Which stone is this?"
    assert Attachment.objects.get(message=question).name == "stone.png"
    assert answer.text == "Carrara marble, about 8.1 kg."
    assert answer.thinking == "**Looking closely**\n\nThe grain is fine."
    assert [call["name"] for call in answer.tool_calls] == ["python", "python"]
    assert answer.model == "o3"
    assert answer.created_at == datetime.fromtimestamp(1714554020, UTC)
    assert stone.created_at == datetime.fromtimestamp(1714554000.123456, UTC)
    other = Message.objects.get(text="It looks like marble.")
    assert other.parent == question
    assert Message.objects.filter(conversation=stone).count() == 5


def test_chatgpt_without_a_title_gets_one_and_an_archived_one_stays_so(member: Someone) -> None:
    bring_in(member, fixture("chatgpt.json"))

    olives = Conversation.objects.get(title="Name three olives")
    assert olives.archived_at is not None


def test_a_sharded_chatgpt_export_comes_in_whole(member: Someone) -> None:
    shards = {
        f"export/conversations-{number:03}.json": as_json(
            chatgpt(("a", "user", None, f"Hi {number}"), ("b", "assistant", "a", "Hello"), key=f"c{number}")
        )
        for number in range(3)
    }

    job = bring_in(member, zipped({**shards, "chat.html": "<html>"}))

    assert (job.state, job.done_count, job.failed_count, job.total_count) == ("complete", 3, 0, 3)


def test_claude_keeps_edits_thinking_tools_and_pasted_text(member: Someone) -> None:
    job = bring_in(
        member, zipped({"conversations.json": fixture("claude.json"), "users.json": "[]", "projects.json": "[]"})
    )

    assert (job.format, job.done_count) == ("claude", 1)
    letter = Conversation.objects.get()
    messages = branch(letter)
    assert [m.text for m in messages] == ["Draft a letter.", "Dear harbor master,", "Kinder", "My dear sir,"]
    assert messages[1].thinking == "They want a berth."
    assert messages[1].tool_calls == [
        {"id": "toolu_01", "name": "calendar", "arguments": '{"day": "Monday"}', "result": "free"}
    ]
    pasted = Attachment.objects.get(message=messages[0])
    assert Path(pasted.file.path).read_text() == "Berth 12."
    assert job.report == [{"title": "A letter to the harbor", "reason": "file_missing", "detail": "map.png"}]


def test_open_webui_keeps_answers_of_several_models_and_the_system_prompt(member: Someone) -> None:
    bring_in(member, fixture("open_webui.json"))

    stoves = Conversation.objects.get()
    question, answer = branch(stoves)
    assert (answer.text, answer.thinking, answer.model) == ("Wood.", "Warm is better.", "qwen3:4b")
    assert set(Message.objects.filter(parent=question).values_list("model", flat=True)) == {"llama3.2:3b", "qwen3:4b"}
    assert stoves.settings == {"options": {"system": "Answer in one line."}}
    assert stoves.pinned_at is not None
    assert Attachment.objects.get(message=question).media_type == "image/png"


def test_librechat_keeps_its_tree_and_a_question_without_an_answer_gets_an_empty_one(member: Someone) -> None:
    bring_in(member, fixture("librechat.json"))

    first, second, third, last = branch(Conversation.objects.get())
    assert (first.text, second.text, third.text) == ("What is a jib?", "A foresail.", "Thanks")
    assert (last.text, last.state, last.error_code) == ("", "interrupted", "unanswered")
    assert Message.objects.get(thinking="A sail.").text == "A triangular sail."


def test_the_name_of_a_file_says_nothing(member: Someone) -> None:
    job = bring_in(member, fixture("claude.json"), name="chatgpt.txt")

    assert job.format == "claude"


@pytest.mark.parametrize("shape", ["alone", "wrapped", "listed"])
def test_one_conversation_alone_or_wrapped_is_read_as_well(shape: str, member: Someone) -> None:
    one = as_json(chatgpt(("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello")))
    data = {"alone": one[1:-1], "listed": one, "wrapped": b'{"version": 2, "conversations": ' + one + b"}"}[shape]

    job = bring_in(member, data)

    assert (job.state, job.done_count, job.total_count) == ("complete", 1, 1)
