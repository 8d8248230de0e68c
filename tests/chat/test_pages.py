"""Chat's pages: what they show, to whom, and how many questions they ask the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.chat.engine.windows import Ask, AskKind
from apps.chat.models import Attachment, Conversation
from apps.chat.pages import conversation_page, turns_in
from apps.chat.services import delete_conversation, remove_deleted
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db
# Session, person, membership, then what the page itself asks.
NEW_PAGE, CONVERSATION_PAGE = 13, 18


def long_conversation(who: Someone, turns: int) -> Any:
    first = post(who, "Turn 0")
    answer(first, "Answer 0")
    for number in range(1, turns):
        receipt = post(who, f"Turn {number}", conversation_id=first.conversation)
        answer(receipt, f"Answer {number}")
    return first


@pytest.mark.parametrize("conversations", [0, 30])
def test_the_new_page_asks_the_same_however_much_there_is(
    conversations: int, owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scripted_provider()
    for _ in range(conversations):
        post(owner)
    client = owner.client()
    client.get("/")

    with django_assert_num_queries(NEW_PAGE):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("turns", [1, 12])
def test_a_conversation_asks_the_same_however_long_it_is(
    turns: int, owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scripted_provider()
    first = long_conversation(owner, turns)
    client = owner.client()

    with django_assert_num_queries(CONVERSATION_PAGE):
        assert client.get(f"/c/{first.conversation}/").status_code == 200


def test_a_page_shows_the_branch_being_read(owner: Someone) -> None:
    first = long_conversation(owner, 3)
    post(owner, "Another way", conversation_id=first.conversation, parent_id=first.answer)

    page = conversation_page(owner.actor, first.conversation)

    assert [turn.text for turn in page.turns] == ["Turn 0", "Answer 0", "Another way", ""]
    assert not page.turns[-1].is_over


def test_what_a_model_says_cannot_act_on_the_page(owner: Someone) -> None:
    first = post(owner, "<script>alert('mine')</script>")
    answer(first, "<script>alert('its')</script> [x](javascript:alert(1))")

    html = owner.client().get(f"/c/{first.conversation}/").content.decode()

    assert "<script>alert" not in html
    assert 'href="javascript' not in html
    assert "&lt;script&gt;alert(" in html


def test_the_turns_after_a_message_are_those_a_tab_lacks(owner: Someone) -> None:
    first = long_conversation(owner, 3)
    answers = [turn for turn in conversation_page(owner.actor, first.conversation).turns if turn.role == "assistant"]

    after_first, _ = turns_in(owner.actor, first.conversation, Ask(AskKind.AFTER, answers[0].id))
    after_nothing, _ = turns_in(owner.actor, first.conversation, Ask())

    assert [turn.text for turn in after_first] == ["Turn 1", "Answer 1", "Turn 2", "Answer 2"]
    assert len(after_nothing) == 6


def test_files_are_shown_with_their_message(owner: Someone) -> None:
    first = post(owner, "Look", attachment_ids=[attach(owner)])

    (shown,) = conversation_page(owner.actor, first.conversation).turns[0].attachments

    assert (shown.name, shown.media_type) == ("a.png", "image/png")
    answered = owner.client().get(shown.url)
    assert b"".join(answered.streaming_content).startswith(b"\x89PNG")


def test_a_deleted_conversation_rests_and_then_is_gone(owner: Someone) -> None:
    first = post(owner, attachment_ids=[attach(owner)])
    delete_conversation(owner.actor, conversation_id=first.conversation)

    gone_at_once = remove_deleted()
    page = owner.client().get(f"/c/{first.conversation}/")
    Conversation.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    gone_later = remove_deleted()

    assert (gone_at_once, page.status_code) == (0, 404)
    assert gone_later > 0
    assert not Conversation.objects.exists()
    assert not Attachment.objects.exists()


def test_files_nobody_sent_go_after_a_day(owner: Someone) -> None:
    old, young = attach(owner), attach(owner)
    Attachment.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=2))

    remove_deleted()

    assert list(Attachment.objects.values_list("pk", flat=True)) == [young]


def test_a_title_that_is_markup_is_text(owner: Someone) -> None:
    post(owner, "<img src=x onerror=alert(1)>")

    html = owner.client().get("/rail/").content.decode()

    assert "<img" not in html
