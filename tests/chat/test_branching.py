"""Which branch is read, for whom, and the mark of what nobody has looked at."""

import threading
from typing import Any

import pytest
import redis
from django.db import connection

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.models import Run
from apps.agents.services import stop_run
from apps.chat.contracts import Receipt
from apps.chat.errors import ConversationNotFound, MessageNotFound
from apps.chat.hosting import StoredConversations
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.services import edit_message, mark_seen, regenerate, select_branch
from apps.chat.temporary import load_temporary
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Denied, Invalid
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, attach, post
from tests.chat.talking import said, talk
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def leaf_of(receipt: Receipt) -> Any:
    found = load_temporary(receipt.conversation)
    return found.leaf if found else Conversation.objects.get(pk=receipt.conversation).active_leaf_id


def ended(receipt: Receipt, state: RunState) -> None:
    run = Run.objects.get(pk=receipt.run_id)
    StoredConversations().finish(
        RunOutcome(run.pk, run.owner_id, run.thread_id, run.subject_id, state, text="Yes", model="demo")
    )


@pytest.mark.parametrize("is_temporary", [False, True])
def test_a_branch_is_read_down_to_its_newest_end(is_temporary: bool, owner: Someone, store: redis.Redis) -> None:
    first = post(owner, options=TurnOptions(temporary=is_temporary))
    answer(first)
    deep = post(owner, conversation_id=first.conversation)
    answer(deep)
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]

    chosen = [
        select_branch(owner.actor, client_id=uuid7().hex, message_id=wanted).leaf
        for wanted in (first.answer, again.answer, edited.message, first.message)
        if wanted
    ]

    assert chosen == [deep.answer, again.answer, edited.answer, again.answer]
    assert leaf_of(first) == again.answer


def test_the_same_choice_sent_again_does_not_undo_a_later_one(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)

    select_branch(owner.actor, client_id="s", message_id=first.answer)
    select_branch(owner.actor, client_id="t", message_id=again.answer)
    repeated = select_branch(owner.actor, client_id="s", message_id=first.answer)

    assert repeated.leaf == first.answer
    assert leaf_of(first) == again.answer


def test_a_message_with_thousands_of_edits_is_chosen_among(owner: Someone) -> None:
    long = talk(owner, 4)
    edits = [said(long.conversation, 2, parent_id=long.ids[1]) for _ in range(5000)]
    Message.objects.bulk_create(edits, batch_size=1000)

    chosen = select_branch(owner.actor, client_id="s", message_id=edits[7].pk)

    assert chosen.leaf == edits[7].pk


def test_what_is_another_persons_or_nowhere_is_not_found(
    owner: Someone, member: Someone, stranger: Someone, store: redis.Redis
) -> None:
    stored, temporary = post(owner), post(owner, options=TurnOptions(temporary=True))

    for who in (member, stranger):
        for mine in (stored, temporary):
            with pytest.raises(MessageNotFound):
                select_branch(who.actor, client_id=uuid7().hex, message_id=mine.answer)
            with pytest.raises(ConversationNotFound):
                mark_seen(who.actor, conversation_id=mine.conversation)
    with pytest.raises(MessageNotFound):
        select_branch(owner.actor, client_id="s", message_id=uuid7())
    with pytest.raises(ConversationNotFound):
        mark_seen(owner.actor, conversation_id=uuid7())


def test_who_only_looks_chooses_nothing(owner: Someone) -> None:
    mine = post(owner)
    viewer = Actor(owner.actor.user_id, owner.actor.organization_id, Role.VIEWER, owner.actor.scopes)

    with pytest.raises(Denied):
        select_branch(viewer, client_id="s", message_id=mine.answer)
    with pytest.raises(Denied):
        mark_seen(viewer, conversation_id=mine.conversation)


@pytest.mark.parametrize("client_id", ["", "x" * 101])
def test_a_choice_needs_an_id(client_id: str, owner: Someone) -> None:
    with pytest.raises(Invalid):
        select_branch(owner.actor, client_id=client_id, message_id=post(owner).answer)


@pytest.mark.django_db(transaction=True)
def test_tabs_that_choose_and_ask_again_at_once_leave_a_branch_that_is_there(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    errors: list[Exception] = []
    barrier = threading.Barrier(6)

    def one(number: int) -> None:
        try:
            barrier.wait(10)
            if number % 2:
                select_branch(owner.actor, client_id=uuid7().hex, message_id=first.answer)
            else:
                regenerate(owner.actor, client_id=uuid7().hex, message_id=first.answer)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    assert Message.objects.filter(parent_id=first.message).count() == 4
    assert Message.objects.get(pk=leaf_of(first)).parent_id == first.message


@pytest.mark.parametrize(
    ("state", "is_unread"),
    [(RunState.COMPLETE, True), (RunState.ERROR, True), (RunState.INTERRUPTED, True), (RunState.CANCELLED, False)],
)
def test_an_answer_that_came_by_itself_is_unread(state: RunState, is_unread: bool, owner: Someone) -> None:
    first = post(owner)

    ended(first, state)

    assert Conversation.objects.get().is_unread == is_unread


def test_a_look_takes_the_mark_off(owner: Someone) -> None:
    first = post(owner)
    ended(first, RunState.COMPLETE)

    mark_seen(owner.actor, conversation_id=first.conversation)
    mark_seen(owner.actor, conversation_id=first.conversation)

    assert not Conversation.objects.get().is_unread


def test_a_temporary_conversation_has_no_mark(owner: Someone, store: redis.Redis) -> None:
    first = post(owner, options=TurnOptions(temporary=True))

    mark_seen(owner.actor, conversation_id=first.conversation)

    assert not Conversation.objects.exists()


def test_withdrawing_an_edit_returns_to_what_it_was_to_replace(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    second = post(owner, conversation_id=first.conversation)
    answer(second)
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]

    stop_run(owner.actor, run_id=edited.run_id)

    assert leaf_of(first) == second.answer


def test_files_of_a_withdrawn_message_are_there_to_be_sent_again(owner: Someone) -> None:
    first = post(owner)
    file_id = attach(owner)
    waiting = post(owner, conversation_id=first.conversation, attachment_ids=[file_id])

    stop_run(owner.actor, run_id=waiting.run_id)
    again = post(owner, conversation_id=first.conversation, attachment_ids=[file_id])

    kept, sent = Attachment.objects.filter(message=waiting.message).get(), Attachment.objects.get(pk=file_id)
    assert sent.message_id == again.message
    assert kept.file.name == sent.file.name


def test_files_stay_with_a_message_that_has_another_answer(owner: Someone) -> None:
    first = post(owner, attachment_ids=[file_id := attach(owner)])
    answer(first)
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)

    stop_run(owner.actor, run_id=again.run_id)

    assert Attachment.objects.get().pk == file_id
    assert Attachment.objects.get().message_id == first.message


def test_withdrawing_a_waiting_message_returns_to_what_is_written(owner: Someone) -> None:
    first = post(owner)
    waiting = post(owner, conversation_id=first.conversation)

    stop_run(owner.actor, run_id=waiting.run_id)

    assert leaf_of(first) == first.answer
