"""Reading a conversation by windows: which messages, of which branch, and how many there are around."""

from uuid import UUID

import pytest
import redis
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from apps.chat.engine.windows import WINDOW, Ask, AskKind, Window
from apps.chat.errors import MessageNotFound
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.pages import conversation_page, turns_in
from apps.chat.services import edit_message, regenerate, select_branch
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, post
from tests.chat.talking import Talk, said, talk
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# The conversation, the messages named, the climb, the rows, their files, their siblings.
WINDOW_QUERIES = 6


def read(who: Someone, of: Talk, ask: Ask) -> tuple[list[UUID], Window]:
    turns, window = turns_in(who.actor, of.conversation.pk, ask)
    return [turn.id for turn in turns], window


def test_nothing_asked_for_is_the_newest(owner: Someone) -> None:
    long = talk(owner, 100)

    ids, window = read(owner, long, Ask())

    assert ids == long.ids[-WINDOW:]
    assert (window.first, window.last, window.total) == (70, 99, 100)
    assert (window.has_before, window.has_after, window.leaf) == (True, False, long.ids[-1])


def test_a_conversation_shorter_than_a_window_is_read_whole(owner: Someone) -> None:
    short = talk(owner, 4)

    for ask in (Ask(), Ask(AskKind.AT, depth=2), Ask(AskKind.AROUND, short.ids[0]), Ask(AskKind.FROM, short.ids[0])):
        ids, window = read(owner, short, ask)
        assert ids == short.ids
        assert (window.has_before, window.has_after) == (False, False)


@pytest.mark.parametrize("at", [1, 5, 30, 31, 99])
def test_before_a_message_are_those_above_it(at: int, owner: Someone) -> None:
    long = talk(owner, 100)

    ids, window = read(owner, long, Ask(AskKind.BEFORE, long.ids[at]))

    assert ids == long.ids[max(0, at - WINDOW) : at]
    assert window.has_before == (at > WINDOW)
    assert window.has_after


def test_before_the_first_message_is_nothing(owner: Someone) -> None:
    long = talk(owner, 4)

    ids, window = read(owner, long, Ask(AskKind.BEFORE, long.ids[0]))

    assert (ids, window.has_before) == ([], False)


def test_after_a_message_are_those_below_it(owner: Someone) -> None:
    long = talk(owner, 300)

    near, _ = read(owner, long, Ask(AskKind.AFTER, long.ids[297]))
    far, window = read(owner, long, Ask(AskKind.AFTER, long.ids[0]))
    none, _ = read(owner, long, Ask(AskKind.AFTER, long.ids[-1]))

    assert near == long.ids[298:]
    assert (far, window.has_after) == (long.ids[1:101], True)
    assert none == []


@pytest.mark.parametrize(("at", "first"), [(0, 0), (10, 0), (50, 35), (99, 70)])
def test_around_a_message_are_those_on_both_sides(at: int, first: int, owner: Someone) -> None:
    long = talk(owner, 100)

    around, _ = read(owner, long, Ask(AskKind.AROUND, long.ids[at]))
    deep, _ = read(owner, long, Ask(AskKind.AT, depth=at))

    assert around == deep == long.ids[first : first + WINDOW]


def test_a_depth_past_the_end_is_the_end(owner: Someone) -> None:
    long = talk(owner, 50)

    ids, _ = read(owner, long, Ask(AskKind.AT, depth=2**31 - 1))

    assert ids == long.ids[-WINDOW:]


def test_from_a_message_is_all_below_up_to_a_bound(owner: Someone) -> None:
    long = talk(owner, 300)

    ids, window = read(owner, long, Ask(AskKind.FROM, long.ids[20]))
    rest, _ = read(owner, long, Ask(AskKind.FROM, long.ids[200]))

    assert (ids, window.has_after) == (long.ids[20:220], True)
    assert rest == long.ids[200:]


def test_a_message_of_another_branch_is_read_there_and_the_active_one_stays(owner: Someone) -> None:
    long = talk(owner, 40)
    aside = said(long.conversation, 20, parent_id=long.ids[19])
    aside.save()

    ids, window = read(owner, long, Ask(AskKind.AROUND, aside.pk))
    lost, _ = read(owner, long, Ask(AskKind.AFTER, aside.pk))
    there, _ = read(owner, long, Ask(leaf=aside.pk))

    assert ids == there == [*long.ids[:20], aside.pk]
    assert (window.leaf, window.is_active, window.total) == (aside.pk, False, 21)
    assert lost == long.ids[-WINDOW:]
    long.conversation.refresh_from_db()
    assert long.conversation.active_leaf_id == long.ids[-1]


@pytest.mark.parametrize("kind", [AskKind.BEFORE, AskKind.AROUND])
def test_what_is_no_message_of_this_conversation_is_not_found(kind: AskKind, owner: Someone) -> None:
    here, elsewhere = talk(owner, 4), talk(owner, 4)

    for wrong in (uuid7(), elsewhere.ids[2]):
        with pytest.raises(MessageNotFound):
            read(owner, here, Ask(kind, wrong))
        with pytest.raises(MessageNotFound):
            read(owner, here, Ask(leaf=wrong))
        assert read(owner, here, Ask(AskKind.AFTER, wrong))[0] == here.ids


@pytest.mark.parametrize("kind", [AskKind.NEWEST, AskKind.AT, AskKind.AROUND, AskKind.BEFORE, AskKind.FROM])
@pytest.mark.parametrize("length", [40, 400])
def test_a_window_asks_the_same_however_long_the_conversation_is(
    length: int, kind: AskKind, owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    long = talk(owner, length)

    with django_assert_num_queries(WINDOW_QUERIES):
        read(owner, long, Ask(kind, long.ids[35], depth=5))


def test_ten_thousand_messages_are_climbed_by_their_index(owner: Someone) -> None:
    long = talk(owner, 10_000)
    Message.objects.bulk_create(said(long.conversation, 5000, parent_id=long.ids[4999]) for _ in range(5000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_message")

    top, _ = read(owner, long, Ask(AskKind.AT, depth=0))
    middle, window = read(owner, long, Ask(AskKind.AROUND, long.ids[5000]))
    turns, _ = turns_in(owner.actor, long.conversation.pk, Ask(AskKind.AROUND, long.ids[5000]))

    assert top == long.ids[:WINDOW]
    assert (middle, window.total) == (long.ids[4985:5015], 10_000)
    siblings = next(turn.siblings for turn in turns if turn.id == long.ids[5000])
    assert siblings is not None
    assert (siblings.index, siblings.count, siblings.previous) == (1, 5001, None)


@pytest.mark.parametrize("query", ["before=x", "around=%00", "leaf=-1", "before=00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_no_message_is_answered_in_words(query: str, owner: Someone) -> None:
    long = talk(owner, 4)

    assert owner.client().get(f"/c/{long.conversation.pk}/messages/?{query}").status_code == 404


@pytest.mark.parametrize("query", ["at=-1", "at=x", "at=99999999999999999999", "at=٣", "after=x", "from=x", "m=x", ""])
def test_an_address_that_is_no_address_leads_to_the_newest(query: str, owner: Someone) -> None:
    long = talk(owner, 4)

    answered = owner.client().get(f"/c/{long.conversation.pk}/messages/?{query}")

    assert answered.status_code == 200
    assert str(long.ids[-1]) in answered.content.decode()


def test_a_link_to_a_message_opens_the_page_around_it(owner: Someone) -> None:
    long = talk(owner, 100)

    page = conversation_page(owner.actor, long.conversation.pk, long.ids[10])
    lost = conversation_page(owner.actor, long.conversation.pk, uuid7())
    answered = owner.client().get(f"/c/{long.conversation.pk}/?m={long.ids[10]}")

    assert (page.window.first, page.window.last) == (0, 29)
    assert lost.window.last == 99
    assert str(long.ids[10]) in answered.content.decode()


def test_reading_writes_nothing(owner: Someone) -> None:
    first = post(owner)
    answer(first, "*So it is.*")
    before = list(Message.objects.values()), list(Conversation.objects.values())

    for query in (f"around={first.answer}", "at=0", f"leaf={first.message}"):
        assert owner.client().get(f"/c/{first.conversation}/messages/?{query}").status_code == 200

    assert (list(Message.objects.values()), list(Conversation.objects.values())) == before


@pytest.mark.parametrize("is_temporary", [False, True])
def test_siblings_are_counted_and_paged(is_temporary: bool, owner: Someone, store: redis.Redis) -> None:
    first = post(owner, options=TurnOptions(temporary=is_temporary))
    answer(first)
    again = regenerate(owner.actor, client_id="r", message_id=first.answer)
    answer(again)
    edited = edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]

    question, reply = turns_in(owner.actor, first.conversation, Ask())[0]
    select_branch(owner.actor, client_id="s", message_id=first.answer)
    first_question, first_reply = turns_in(owner.actor, first.conversation, Ask())[0]

    assert (question.id, reply.siblings) == (edited.message, None)
    assert question.siblings is not None
    assert (question.siblings.index, question.siblings.count) == (2, 2)
    assert (question.siblings.previous, question.siblings.next) == (first.message, None)
    assert first_question.siblings is not None
    assert (first_question.siblings.index, first_question.siblings.next) == (1, edited.message)
    assert first_reply.siblings is not None
    assert (first_reply.siblings.index, first_reply.siblings.count, first_reply.siblings.next) == (1, 2, again.answer)
