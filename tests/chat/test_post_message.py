"""Posting, editing and answering again: what is stored, where, and how often."""

import threading
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from apps.agents.models import Run
from apps.agents.services import MAX_LIVE_RUNS_PER_OWNER, stop_run
from apps.chat.contracts import Receipt
from apps.chat.errors import AnswerRunning, ConversationNotFound, MessageNotFound
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.services import (
    MAX_TEXT_LENGTH,
    delete_conversation,
    edit_message,
    post_message,
    regenerate,
    rename_conversation,
)
from olympus.kernel.actor import Actor, Role, Scope
from olympus.kernel.errors import Denied, Invalid, LimitReached
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def together(work: Any, count: int) -> list[Any]:
    """Do the same from several threads in the same moment; errors come back as answers."""
    results: list[Any] = []
    barrier = threading.Barrier(count)

    def one() -> None:
        try:
            barrier.wait(10)
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_the_same_message_from_many_threads_is_one_message(owner: Someone) -> None:
    receipts = together(lambda: post_message(owner.actor, client_id="same", text="Tell me"), 6)

    assert {(r.conversation, r.message, r.answer, r.run_id) for r in receipts} == {
        (receipts[0].conversation, receipts[0].message, receipts[0].answer, receipts[0].run_id)
    }
    assert sorted(r.is_repeat for r in receipts) == [False, *[True] * 5]
    assert (Message.objects.count(), Run.objects.count(), Conversation.objects.count()) == (2, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_messages_at_once_in_one_conversation_follow_each_other(owner: Someone) -> None:
    first = post(owner)

    receipts = together(lambda: post(owner, conversation_id=first.conversation), 4)

    assert [receipt for receipt in receipts if not isinstance(receipt, Receipt)] == []
    assert sorted(Message.objects.values_list("depth", flat=True)) == list(range(10))
    waits = set(Run.objects.exclude(waits_for=None).values_list("waits_for", flat=True))
    assert len(waits) == 4, "each waits for another"


def test_the_same_id_of_two_people_is_two_messages(owner: Someone, member: Someone) -> None:
    mine = post_message(owner.actor, client_id="same", text="Mine")
    theirs = post_message(member.actor, client_id="same", text="Theirs")

    assert mine.conversation != theirs.conversation
    assert not theirs.is_repeat


def test_a_message_that_was_refused_may_be_sent_again_under_its_id(owner: Someone) -> None:
    with pytest.raises(ConversationNotFound):
        post_message(owner.actor, client_id="x", text="Tell me", conversation_id=uuid7())

    assert not post_message(owner.actor, client_id="x", text="Tell me").is_repeat


def test_without_a_parent_a_message_follows_the_active_leaf(owner: Someone) -> None:
    first = post(owner)
    answer(first)

    second = post(owner, conversation_id=first.conversation)

    question = Message.objects.get(pk=second.message)
    assert (question.parent_id, question.depth) == (first.answer, 2)
    assert Conversation.objects.get().active_leaf_id == second.answer


def test_with_a_parent_it_makes_a_branch_there(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    second = post(owner, conversation_id=first.conversation)
    answer(second)

    third = post(owner, conversation_id=first.conversation, parent_id=first.answer)

    siblings = Message.objects.filter(parent_id=first.answer).order_by("id").values_list("pk", flat=True)
    assert list(siblings) == [second.message, third.message]
    assert Conversation.objects.get().active_leaf_id == third.answer


@pytest.mark.parametrize("parent", ["question", "of another conversation", "nowhere"])
def test_a_parent_must_be_an_answer_of_this_conversation(parent: str, owner: Someone) -> None:
    first, other = post(owner), post(owner)
    wrong = {"question": first.message, "of another conversation": other.answer, "nowhere": uuid7()}[parent]

    with pytest.raises(MessageNotFound):
        post(owner, conversation_id=first.conversation, parent_id=wrong)

    assert Message.objects.count() == 4


def test_while_an_answer_is_written_the_next_waits_for_it(owner: Someone) -> None:
    first = post(owner)
    second = post(owner, conversation_id=first.conversation)
    third = post(owner, conversation_id=first.conversation)

    waits = dict(Run.objects.values_list("pk", "waits_for"))
    assert waits == {first.run_id: None, second.run_id: first.run_id, third.run_id: second.run_id}


def test_a_queued_message_that_is_stopped_frees_the_next(owner: Someone) -> None:
    first = post(owner)
    second = post(owner, conversation_id=first.conversation)
    third = post(owner, conversation_id=first.conversation)

    state = stop_run(owner.actor, run_id=second.run_id)
    again = stop_run(owner.actor, run_id=second.run_id)

    assert (state, again) == ("cancelled", "cancelled")
    assert Message.objects.get(pk=second.answer).state == "cancelled"
    assert set(Run.objects.filter(state="queued").values_list("pk", flat=True)) == {first.run_id, third.run_id}


@pytest.mark.parametrize(
    ("text", "field"),
    [("", "text"), (" \n\t ", "text"), ("x" * (MAX_TEXT_LENGTH + 1), "text")],
)
def test_a_text_that_cannot_be_sent_says_which_field(text: str, field: str, owner: Someone) -> None:
    with pytest.raises(Invalid) as caught:
        post(owner, text)

    assert caught.value.field == field
    assert not Conversation.objects.exists()


def test_the_longest_text_fits(owner: Someone) -> None:
    receipt = post(owner, "🏛" * MAX_TEXT_LENGTH)

    assert len(Message.objects.get(pk=receipt.message).text) == MAX_TEXT_LENGTH


def test_what_postgres_cannot_hold_is_replaced(owner: Someone) -> None:
    receipt = post_message(owner.actor, client_id="a\x00\ud800", text="a\x00b\ud800c")

    assert Message.objects.get(pk=receipt.message).text == "a\ufffdb\ufffdc"


def test_options_with_what_postgres_cannot_hold_are_no_server_error(owner: Someone) -> None:
    options = TurnOptions(system="a\x00b\ud800", stop=["\x00"], format={"a": "\ud800"})

    receipt = post(owner, options=options, model="a\x00")

    assert Run.objects.get(pk=receipt.run_id).options["system"] == "a\ufffdb\ufffd"


def test_too_many_files_are_refused(owner: Someone) -> None:
    with pytest.raises(Invalid) as caught:
        post(owner, attachment_ids=[uuid7() for _ in range(21)])

    assert caught.value.field == "attachments"


@pytest.mark.parametrize("size", [0, 101])
def test_a_client_id_has_a_length(size: int, owner: Someone) -> None:
    with pytest.raises(Invalid):
        post_message(owner.actor, client_id="x" * size, text="Tell me")


@pytest.mark.parametrize("who", ["viewer", "key"])
def test_who_may_not_write_writes_nothing(who: str, owner: Someone) -> None:
    actor = owner.actor
    role = Role.VIEWER if who == "viewer" else actor.role
    scopes = frozenset({Scope.READ}) if who == "key" else actor.scopes
    only_reads = Actor(actor.user_id, actor.organization_id, role, scopes)
    mine = post(owner)
    verbs = [
        lambda: post_message(only_reads, client_id="x", text="Tell me"),
        lambda: regenerate(only_reads, client_id="x", message_id=mine.answer),
        lambda: edit_message(only_reads, client_id="x", message_id=mine.message, text="No"),
        lambda: rename_conversation(only_reads, conversation_id=mine.conversation, title="No"),
        lambda: delete_conversation(only_reads, conversation_id=mine.conversation),
        lambda: stop_run(only_reads, run_id=mine.run_id),
    ]

    for verb in verbs:
        with pytest.raises(Denied):
            verb()

    assert Message.objects.count() == 2


def test_another_person_finds_nothing(owner: Someone, member: Someone, stranger: Someone) -> None:
    mine = post(owner)
    answer(mine)

    for who in (member, stranger):
        actor = who.actor
        attempts: list[tuple[Any, dict[str, Any]]] = [
            (post_message, {"client_id": "x", "text": "Mine now", "conversation_id": mine.conversation}),
            (regenerate, {"client_id": "x", "message_id": mine.answer}),
            (edit_message, {"client_id": "x", "message_id": mine.message, "text": "No"}),
            (rename_conversation, {"conversation_id": mine.conversation, "title": "No"}),
            (delete_conversation, {"conversation_id": mine.conversation}),
        ]
        for verb, arguments in attempts:
            with pytest.raises((ConversationNotFound, MessageNotFound)):
                verb(actor, **arguments)
    assert Message.objects.count() == 2


def test_another_answer_stands_beside_the_first(owner: Someone) -> None:
    first = post(owner, model="demo", options=TurnOptions(temperature=0.5))
    answer(first)

    again = regenerate(owner.actor, client_id="again", message_id=first.answer, model="echo")

    run = Run.objects.get(pk=again.run_id)
    assert again.message == first.message
    assert (run.model, run.options["temperature"]) == ("echo", 0.5)
    assert Conversation.objects.get().active_leaf_id == again.answer
    order = Message.objects.filter(parent_id=first.message).values_list("pk", flat=True)
    assert list(order) == [first.answer, again.answer]


def test_an_answer_still_written_is_not_written_again(owner: Someone) -> None:
    first = post(owner)

    with pytest.raises(AnswerRunning):
        regenerate(owner.actor, client_id="again", message_id=first.answer)


@pytest.mark.parametrize("verb", [regenerate, edit_message])
def test_a_verb_takes_its_own_kind_of_message(verb: Any, owner: Someone) -> None:
    first = post(owner)
    wrong: UUID | None = first.message if verb is regenerate else first.answer

    with pytest.raises(MessageNotFound):
        verb(owner.actor, client_id="x", message_id=wrong, **({} if verb is regenerate else {"text": "No"}))


def test_an_edit_keeps_the_files_and_the_old_message(owner: Someone) -> None:
    file_id = attach(owner)
    first = post(owner, attachment_ids=[file_id])

    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather this")  # type: ignore[arg-type]

    rows = list(Attachment.objects.order_by("id").values_list("message_id", "name", "media_type", "file"))
    assert [row[0] for row in rows] == [first.message, edited.message]
    assert rows[0][1:] == rows[1][1:]
    assert Message.objects.get(pk=first.message).text == "Tell me"
    assert Message.objects.get(pk=edited.message).parent_id is None


def test_an_edit_may_leave_the_files_to_speak(owner: Someone) -> None:
    first = post(owner, "Look", attachment_ids=[attach(owner)])

    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="  ")  # type: ignore[arg-type]

    assert Attachment.objects.filter(message_id=edited.message).exists()


def test_nobody_may_let_more_answers_wait_than_a_person_could_want(owner: Someone) -> None:
    first = post(owner)
    run = Run.objects.get(pk=first.run_id)
    common = {"organization_id": run.organization_id, "owner_id": run.owner_id, "host": run.host}
    copies = [Run(thread_id=run.thread_id, subject_id=uuid7(), **common) for _ in range(MAX_LIVE_RUNS_PER_OWNER - 1)]
    Run.objects.bulk_create(copies)

    with pytest.raises(LimitReached):
        post(owner)

    assert Conversation.objects.count() == 1


@pytest.mark.parametrize(("title", "stored"), [("  A\n new  name ", "A new name"), ("x" * 500, "x" * 200)])
def test_a_title_is_one_line(title: str, stored: str, owner: Someone) -> None:
    mine = post(owner)

    rename_conversation(owner.actor, conversation_id=mine.conversation, title=title)

    assert Conversation.objects.get().title == stored


def test_an_empty_title_is_refused(owner: Someone) -> None:
    with pytest.raises(Invalid):
        rename_conversation(owner.actor, conversation_id=post(owner).conversation, title=" \n ")
