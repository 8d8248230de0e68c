"""Titles: made by the model that answered, kept where a person gave one."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.agents.contracts import RunOutcome, RunState
from apps.chat.engine.titling import TITLE_LENGTH, read_title, title_prompt
from apps.chat.models import Conversation, Message, TitleSource
from apps.chat.services import rename_conversation
from apps.chat.titles import give_title, order_title_after_commit
from apps.inference.models import Provider
from olympus.kernel.options import change_option
from tests.chat.saying import answer, post
from tests.support.cast import Someone
from tests.support.runs import scripted_provider


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Why search slowed down", "Why search slowed down"),
        ('  "Why search slowed down."\n\nIt is short.', "Why search slowed down"),
        ("**Title: Marble and gold**", "Marble and gold"),
        ("# 検索の速度。", "検索の速度"),
        ("<think>Let me see\nWhat is it?</think>\nA name", "A name"),
        ("<think>It never ends", ""),
        ("", ""),
        ("\u202e\u200b \n ---", ""),
        ("Is it?\nNo", "Is it?"),
        ("A `name` in **bold**", "A name in bold"),
    ],
)
def test_a_title_is_one_plain_line(said: str, title: str) -> None:
    assert read_title(said) == title


def test_a_long_title_ends_at_a_word() -> None:
    title = read_title("word " * 100)

    assert len(title) <= TITLE_LENGTH
    assert title.endswith("word…")
    assert len(read_title("x" * 10_000)) == TITLE_LENGTH


def test_the_model_reads_no_more_than_the_beginnings() -> None:
    _system, asked = title_prompt("q" * 100_000, "a" * 100_000)

    assert len(asked.text) < 2100


@pytest.mark.django_db(transaction=True)
def test_the_model_that_answered_names_the_conversation(owner: Someone) -> None:
    scripted_provider()
    receipt = post(owner, "What is marble?")
    answer(receipt)

    assert give_title(receipt.conversation, receipt.answer)

    conversation = Conversation.objects.get(pk=receipt.conversation)
    assert conversation.title_source == TitleSource.MODEL
    assert conversation.title.startswith("This is a scripted answer")


@pytest.mark.django_db(transaction=True)
def test_a_name_a_person_gave_stays(owner: Someone) -> None:
    scripted_provider()
    receipt = post(owner, "What is marble?")
    answer(receipt)
    rename_conversation(owner.actor, conversation_id=receipt.conversation, title="Mine")

    assert not give_title(receipt.conversation, receipt.answer)
    assert Conversation.objects.get(pk=receipt.conversation).title == "Mine"


@pytest.mark.django_db(transaction=True)
def test_the_first_words_stay_where_no_model_can_be_asked(owner: Someone) -> None:
    scripted_provider()
    receipt = post(owner, "What is marble?")
    answer(receipt)
    Provider.objects.all().delete()
    Message.objects.filter(pk=receipt.answer).update(provider="Olympus", model="olympus")

    assert not give_title(receipt.conversation, receipt.answer)
    assert Conversation.objects.get(pk=receipt.conversation).title == "What is marble?"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "is_first", "option", "is_ordered"),
    [
        (RunState.COMPLETE, True, "model", True),
        (RunState.COMPLETE, False, "model", False),
        (RunState.CANCELLED, True, "model", False),
        (RunState.COMPLETE, True, "words", False),
    ],
)
def test_a_title_is_ordered_once_by_the_first_whole_answer(
    state: RunState,
    *,
    is_first: bool,
    option: str,
    is_ordered: bool,
    owner: Someone,
    store: object,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    change_option("chat.titles", option, changed_by_id=None)
    receipt = post(owner, "What is marble?")
    answer(receipt)
    if not is_first:
        receipt = post(owner, "And gold?", conversation_id=receipt.conversation)
        answer(receipt)
    outcome = RunOutcome(
        run_id=receipt.run_id,
        owner_id=owner.actor.user_id,
        subject_id=receipt.answer,
        thread_id=receipt.conversation,
        state=state,
        text="So it is.",
    )

    with django_capture_on_commit_callbacks(execute=True):
        order_title_after_commit(outcome)

    assert bool(store.exists("celery")) is is_ordered  # type: ignore[attr-defined]
