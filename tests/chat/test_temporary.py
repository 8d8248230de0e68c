"""Temporary conversations: in Valkey for a while, nowhere else."""

import json
from typing import Any

import pytest
import redis
from django.apps import apps

from apps.agents.contracts import RunOutcome, RunRequest, RunState
from apps.agents.models import Run
from apps.agents.services import stop_run
from apps.chat.access import temporary_for, temporary_holding
from apps.chat.contracts import Receipt
from apps.chat.errors import ConversationNotFound, MessageNotFound, TemporaryGone
from apps.chat.hosting import TemporaryConversations
from apps.chat.options import TurnOptions
from apps.chat.services import edit_message, regenerate
from apps.chat.temporary import change_messages, load_temporary
from apps.inference.facade import choose_model
from olympus.kernel.errors import Invalid
from tests.chat.saying import attach, post
from tests.support.cast import Someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
SECRET = "the amber mountain"


def begin(who: Someone, text: str = SECRET) -> Receipt:
    return post(who, text, options=TurnOptions(temporary=True, system="Be brief"))


def outcome(receipt: Receipt, state: RunState = RunState.COMPLETE, text: str = "Yes.") -> RunOutcome:
    run = Run.objects.get(pk=receipt.run_id)
    return RunOutcome(run.pk, run.owner_id, run.thread_id, run.subject_id, state, text=text)


def end(receipt: Receipt, text: str = "Yes.") -> None:
    Run.objects.filter(pk=receipt.run_id).update(state="complete")
    TemporaryConversations().finish(outcome(receipt, text=text))


def everything_stored() -> str:
    rows: list[Any] = [list(model._base_manager.values()) for model in apps.get_models()]
    return json.dumps(rows, default=str)


def test_its_words_are_in_no_table(owner: Someone) -> None:
    first = begin(owner)
    end(first, "It is of amber.")
    post(owner, "And the second word", conversation_id=first.conversation)

    stored = everything_stored()

    assert SECRET not in stored
    assert "amber" not in stored
    assert "second word" not in stored
    assert "Be brief" not in stored


def test_it_ends_a_day_after_its_last_word(owner: Someone, store: redis.Redis) -> None:
    begin(owner)

    keys = store.keys("temporary*")
    assert len(keys) == 3
    assert all(0 < store.ttl(key) <= 24 * 3600 for key in keys)


def test_it_is_its_persons_alone(owner: Someone, member: Someone, stranger: Someone) -> None:
    mine = begin(owner)
    end(mine)

    assert temporary_for(owner.actor, mine.conversation) is not None
    for who in (member, stranger):
        assert temporary_for(who.actor, mine.conversation) is None
        assert temporary_holding(who.actor, mine.answer) is None
        with pytest.raises(ConversationNotFound):
            post(who, conversation_id=mine.conversation)
        with pytest.raises(MessageNotFound):
            regenerate(who.actor, client_id="x", message_id=mine.answer)
        with pytest.raises(MessageNotFound):
            edit_message(who.actor, client_id="x", message_id=mine.message, text="No")  # type: ignore[arg-type]
        assert who.client().get(f"/c/{mine.conversation}/").status_code == 404
    assert owner.client().get(f"/c/{mine.conversation}/").status_code == 200


def test_a_flush_ends_it(owner: Someone, store: redis.Redis) -> None:
    mine = begin(owner)
    store.flushdb()
    run = Run.objects.get(pk=mine.run_id)
    request = RunRequest(run.pk, run.organization_id, run.owner_id, run.thread_id, run.subject_id, {})
    host = TemporaryConversations()

    with pytest.raises(TemporaryGone):
        host.prompt(request, choose_model(owner.actor.organization_id, None))
    with pytest.raises(TemporaryGone):
        host.finish(outcome(mine))
    host.finish(outcome(mine, RunState.ERROR))

    assert host.outcome(mine.answer, mine.conversation) is None
    with pytest.raises(ConversationNotFound):
        post(owner, conversation_id=mine.conversation)


def test_an_answer_is_not_stored_into_a_conversation_that_ended(owner: Someone, store: redis.Redis) -> None:
    mine = begin(owner)
    store.flushdb()

    with pytest.raises(TemporaryGone):
        change_messages(mine.conversation, {mine.answer: {"text": "Too late"}})

    assert store.keys("temporary*") == []


def test_a_waiting_message_of_one_that_ended_can_still_be_withdrawn(owner: Someone, store: redis.Redis) -> None:
    mine = begin(owner)
    store.flushdb()

    assert stop_run(owner.actor, run_id=mine.run_id) == "cancelled"


def test_it_takes_no_files(owner: Someone) -> None:
    with pytest.raises(Invalid) as refused:
        post(owner, options=TurnOptions(temporary=True), attachment_ids=[attach(owner)])

    assert refused.value.field == "attachments"


def test_it_has_branches_like_any_other(owner: Someone) -> None:
    first = begin(owner)
    end(first, "One")
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)
    end(again, "Two")
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Other")  # type: ignore[arg-type]
    end(edited, "Three")

    conversation = load_temporary(first.conversation)
    assert conversation is not None
    assert [message.text for message in conversation.branch()] == ["Other", "Three"]
    assert len(conversation.messages) == 5
    assert conversation.messages[again.answer].parent == first.message


def test_it_is_not_in_the_rail(owner: Someone) -> None:
    begin(owner)

    assert SECRET not in owner.client().get("/rail/").content.decode()
