"""An import done twice makes no doubles, a grown conversation grows, and nobody's changes are overwritten."""

import io
from typing import Any

import pytest
from django.db import connection

from apps.chat.models import Conversation, Message
from apps.chat.services import delete_conversation, rename_conversation
from apps.chat.services.carrying import carry_out
from apps.chat.services.transfer import order_import
from tests.chat.saying import answer, attach, post
from tests.chat.transferring import as_json, bring_in, chatgpt, fixture, take_out, trees
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
FIRST = (("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"))
MORE = (*FIRST, ("c", "user", "b", "And then?"), ("d", "assistant", "c", "Then more."))


@pytest.mark.parametrize("name", ["chatgpt.json", "claude.json", "open_webui.json", "librechat.json"])
def test_the_same_file_twice_changes_nothing(name: str, member: Someone) -> None:
    first = bring_in(member, fixture(name))
    before = trees(member)

    second = bring_in(member, fixture(name))

    assert (second.state, second.done_count, second.skipped_count) == ("complete", 0, first.done_count)
    assert trees(member) == before


def test_a_grown_conversation_gets_what_is_new_and_moves_on(member: Someone) -> None:
    bring_in(member, as_json(chatgpt(*FIRST)))
    old = set(Message.objects.values_list("pk", flat=True))

    job = bring_in(member, as_json(chatgpt(*MORE)))

    assert job.done_count == 1
    assert old < set(Message.objects.values_list("pk", flat=True))
    assert Conversation.objects.get().active_leaf.text == "Then more."  # type: ignore[union-attr]


def test_a_message_whose_time_is_told_otherwise_is_found_again(member: Someone) -> None:
    bring_in(member, as_json(chatgpt(*FIRST)))
    other = chatgpt(*FIRST)
    for node in other["mapping"].values():
        node["message"]["create_time"] = None

    job = bring_in(member, as_json(other))

    assert job.skipped_count == 1
    assert Message.objects.count() == 2


def test_what_a_person_changed_here_stays(member: Someone) -> None:
    bring_in(member, as_json(chatgpt(*FIRST)))
    conversation = Conversation.objects.get()
    rename_conversation(member.actor, conversation_id=conversation.pk, title="Mine now")
    receipt = post(member, "Going on here", conversation_id=conversation.pk)
    answer(receipt)

    bring_in(member, as_json(chatgpt(*MORE)))

    conversation.refresh_from_db()
    assert (conversation.title, conversation.active_leaf_id) == ("Mine now", receipt.answer)
    assert Message.objects.filter(text="Then more.").exists()


def test_what_was_deleted_here_does_not_come_back_by_itself(member: Someone) -> None:
    bring_in(member, as_json(chatgpt(*FIRST)))
    delete_conversation(member.actor, conversation_id=Conversation.objects.get().pk)

    job = bring_in(member, as_json(chatgpt(*FIRST)))

    assert (job.skipped_count, job.report[0]["reason"]) == (1, "deleted_here")


def test_two_people_import_the_same_file_each_for_themselves(member: Someone, owner: Someone) -> None:
    for who in (member, owner):
        assert bring_in(who, fixture("chatgpt.json")).done_count == 2

    assert trees(member) == trees(owner)
    assert Conversation.objects.count() == 4


def test_an_export_into_an_empty_account_is_equal_and_into_ones_own_no_double(member: Someone, owner: Someone) -> None:
    receipt = post(member, "See this", attachment_ids=[attach(member)])
    answer(receipt, "I see it.")
    post(member, "Unfinished", conversation_id=receipt.conversation)
    Message.objects.filter(state="queued").update(state="cancelled")
    for name in ("chatgpt.json", "claude.json", "open_webui.json", "librechat.json"):
        bring_in(member, fixture(name))
    data = take_out(member)

    into_another = bring_in(owner, data)
    into_its_own = bring_in(member, data)

    assert trees(owner) == trees(member)
    assert len(trees(owner)) == 6
    assert (into_another.done_count, into_another.report) == (6, [])
    assert (into_its_own.done_count, into_its_own.skipped_count) == (0, 6)


def test_markdown_comes_back_as_the_branch_that_was_read(member: Someone, owner: Someone) -> None:
    receipt = post(member, "# Not a heading\n\n## You\n\n<!-- olympus:message {} -->", attachment_ids=[attach(member)])
    answer(receipt, "```\n## Olympus\n```")
    data = take_out(member, "markdown")

    bring_in(owner, data)
    own = bring_in(member, data)

    (theirs,), (mine,) = trees(owner), trees(member)
    assert theirs["messages"][0]["text"] == mine["messages"][0]["text"]
    assert theirs["messages"][0]["children"][0]["text"] == mine["messages"][0]["children"][0]["text"]
    assert theirs["messages"][0]["files"] == mine["messages"][0]["files"]
    assert own.skipped_count == 1


def test_a_job_taken_up_after_its_worker_was_killed_goes_on_where_it_stood(member: Someone) -> None:
    data = as_json(*(chatgpt(*FIRST, key=f"c{number}") for number in range(45)))
    job = order_import(member.actor, name="a.json", size_bytes=len(data), file=io.BytesIO(data))
    steps: list[str] = []

    def killed_at_the_third(execute: Any, sql: str, *rest: Any) -> Any:
        if "import of" in str(rest):
            steps.append(sql)
            if len(steps) == 3:
                raise KeyboardInterrupt
        return execute(sql, *rest)

    with connection.execute_wrapper(killed_at_the_third), pytest.raises(KeyboardInterrupt):
        carry_out(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done_count) == ("running", 40)

    assert carry_out(job.pk) is False  # its worker was heard of a moment ago
    type(job).objects.update(heartbeat_at=None)
    carry_out(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done_count, job.skipped_count) == ("complete", 45, 0)
    assert Conversation.objects.count() == 45
