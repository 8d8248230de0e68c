"""A conversation of its own from a message on: what goes along, what stays, and for whom."""

from pathlib import Path

import pytest
import redis
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.chat.attaching import forget_files
from apps.chat.engine.windows import Ask
from apps.chat.errors import AnswerRunning, ConversationNotFound, MessageNotFound, TemporaryStays
from apps.chat.models import Attachment, Conversation, Message, Project
from apps.chat.options import TurnOptions
from apps.chat.pages import turns_in
from apps.chat.services import fork_conversation, rename_conversation
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Denied
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, attach, post
from tests.chat.talking import said, talk
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Savepoint and its release, the conversation, the message, the climb, what is unfinished, the new conversation,
# its messages, what files there are.
FORK = 9


def test_the_branch_down_to_the_message_goes_along(owner: Someone) -> None:
    source = talk(owner, 10)
    said(source.conversation, 4, parent_id=source.ids[3], text="Aside").save()

    fork_id = fork_conversation(owner.actor, conversation_id=source.conversation.pk, message_id=source.ids[5])

    turns, window = turns_in(owner.actor, fork_id, Ask())
    assert [turn.text for turn in turns] == [f"Message {n}" for n in range(6)]
    assert [turn.depth for turn in turns] == list(range(6))
    assert not {turn.id for turn in turns} & set(source.ids)
    assert all(turn.siblings is None and turn.run_id is None for turn in turns)
    assert window.total == 6
    assert Message.objects.filter(conversation=source.conversation).count() == 11


def test_title_settings_and_project_go_along(owner: Someone) -> None:
    source = talk(owner, 4)
    project = Project.objects.create(
        organization_id=owner.actor.organization_id, owner_id=owner.actor.user_id, name="Work"
    )
    settings = {"model": "demo", "options": {"temperature": 0.5}}
    Conversation.objects.update(project=project, settings=settings, is_unread=True, import_key="from elsewhere")
    rename_conversation(owner.actor, conversation_id=source.conversation.pk, title="My title")

    fork = Conversation.objects.get(
        pk=fork_conversation(owner.actor, conversation_id=source.conversation.pk, message_id=source.ids[1])
    )

    assert (fork.title, fork.title_source, fork.project, fork.settings) == ("My title", "person", project, settings)
    assert (fork.is_unread, fork.import_key, fork.pinned_at) == (False, None, None)


def test_files_go_along_and_outlive_the_source(
    owner: Someone, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    first = post(owner, attachment_ids=[attach(owner), attach(owner)])
    answer(first)

    fork_id = fork_conversation(owner.actor, conversation_id=first.conversation, message_id=first.answer)
    with django_capture_on_commit_callbacks(execute=True):
        forget_files(Attachment.objects.filter(message__conversation_id=first.conversation))

    copies = Attachment.objects.filter(message__conversation_id=fork_id)
    assert [copy.name for copy in copies] == ["a.png", "a.png"]
    assert all(Path(copy.file.path).exists() for copy in copies)


def test_one_goes_on_below_a_question_nobody_answered(owner: Someone) -> None:
    source = talk(owner, 4)

    fork_id = fork_conversation(owner.actor, conversation_id=source.conversation.pk, message_id=source.ids[2])
    following = post(owner, "And this", conversation_id=fork_id)

    assert Message.objects.get(pk=following.message).depth == 3


def test_without_a_message_it_is_the_whole_branch(owner: Someone) -> None:
    source = talk(owner, 4)

    answered = owner.client().post(f"/c/{source.conversation.pk}/fork/")

    assert answered.status_code == 303
    fork = Conversation.objects.exclude(pk=source.conversation.pk).get()
    assert answered["Location"] == f"/c/{fork.pk}/"
    assert fork.messages.count() == 4


def test_a_form_sent_twice_makes_one_copy(owner: Someone) -> None:
    source = talk(owner, 4)
    form = {"message": str(source.ids[1]), "client_id": uuid7().hex}

    first, second = (owner.client().post(f"/c/{source.conversation.pk}/fork/", form) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Conversation.objects.count() == 2


def test_what_is_still_written_is_not_forked(owner: Someone) -> None:
    first = post(owner)

    with pytest.raises(AnswerRunning):
        fork_conversation(owner.actor, conversation_id=first.conversation, message_id=first.answer)

    assert Conversation.objects.count() == 1


def test_a_temporary_conversation_stays_what_it_is(owner: Someone, store: redis.Redis) -> None:
    first = post(owner, options=TurnOptions(temporary=True))

    with pytest.raises(TemporaryStays):
        fork_conversation(owner.actor, conversation_id=first.conversation, message_id=first.answer)


def test_another_finds_nothing_to_fork(owner: Someone, member: Someone, stranger: Someone) -> None:
    source, other = talk(owner, 4), talk(owner, 4)

    for who in (member, stranger):
        with pytest.raises(ConversationNotFound):
            fork_conversation(who.actor, conversation_id=source.conversation.pk, message_id=source.ids[1])
    for wrong in (other.ids[1], uuid7()):
        with pytest.raises(MessageNotFound):
            fork_conversation(owner.actor, conversation_id=source.conversation.pk, message_id=wrong)
    viewer = Actor(owner.actor.user_id, owner.actor.organization_id, Role.VIEWER, owner.actor.scopes)
    with pytest.raises(Denied):
        fork_conversation(viewer, conversation_id=source.conversation.pk, message_id=source.ids[1])
    assert owner.client().post(f"/c/{source.conversation.pk}/fork/", {"message": "\x00"}).status_code == 404
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize("length", [2, 500])
def test_a_long_conversation_is_copied_by_as_few_statements_as_a_short_one(
    length: int, owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    source = talk(owner, length)

    with django_assert_num_queries(FORK):
        fork_conversation(owner.actor, conversation_id=source.conversation.pk, message_id=source.ids[-1])
