"""The rail and the archive: which conversations they list, in what order, and for how much."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.chat.models import Conversation
from apps.chat.pages.rail import Rail, archive_of, rail_of
from apps.chat.services import change_conversation
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Session, person, membership; what is answered, what is pinned, the rows.
RAIL, ARCHIVE = 6, 7


def titles(rail: Rail) -> list[str]:
    return [row.title for row in rail.rows]


def many(who: Someone, count: int, **fields: object) -> None:
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(
            organization_id=who.actor.organization_id,
            owner_id=who.actor.user_id,
            title=f"No. {number}",
            # Pairs of one time, as an import makes them.
            updated_at=now - timedelta(minutes=number // 2),
            **fields,
        )
        for number in range(count)
    )


@pytest.mark.parametrize("count", [3, 90])
def test_the_rail_asks_the_same_however_many_there_are(
    count: int, owner: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many(owner, count)
    client = owner.client()

    with django_assert_num_queries(RAIL):
        assert client.get("/rail/").status_code == 200


def test_the_archive_asks_little(owner: Someone, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    many(owner, 70, archived_at=timezone.now())
    client = owner.client()
    page = {"X-Requested-With": "XMLHttpRequest"}

    with django_assert_num_queries(ARCHIVE - 3):
        assert client.get("/archive/", headers=page).content.count(b"data-unarchive") == 60


def test_conversations_are_grouped_by_day_newest_first(owner: Someone) -> None:
    ages = {"Today": 0, "Yesterday": 1, "Last week": 3, "Last month": 20, "Older": 90}
    for label, days in ages.items():
        receipt = post(owner, label)
        then = timezone.now() - timedelta(days=days)
        Conversation.objects.filter(pk=receipt.conversation).update(updated_at=then)

    rail = rail_of(owner.actor, receipt.conversation)

    assert [(group.label, [row.title for row in group.conversations]) for group in rail.groups] == [
        (label, [label]) for label in ages
    ]
    assert [row.is_current for row in rail.rows] == [False] * 4 + [True]


def test_it_goes_on_where_it_ended_and_misses_and_doubles_none(owner: Someone) -> None:
    many(owner, 150)
    seen: list[str] = []
    after = ""

    for _ in range(4):
        rail = rail_of(owner.actor, None, after=after)
        seen += titles(rail)
        after = rail.following
        if not after:
            break

    assert len(seen) == len(set(seen)) == 150
    assert seen[0] in {"No. 0", "No. 1"}


def test_a_scrolled_rail_is_fetched_as_long_as_it_was(owner: Someone) -> None:
    many(owner, 130)
    client = owner.client()

    rows = [
        client.get("/rail/", {"rows": rows}).content.count(b"data-row-menu") for rows in ("120", "x", "-5", "9" * 30)
    ]

    assert rows == [120, 60, 60, 60]


@pytest.mark.parametrize(
    "after", ["x", "_", "2026-01-01T00:00:00_x", f"2026-13-01T00:00:00+00:00_{UUID(int=7)}", "\x00", "9" * 5000]
)
def test_a_place_nobody_gave_out_is_the_beginning(after: str, owner: Someone) -> None:
    post(owner, "Mine")

    assert owner.client().get("/rail/", {"after": after}).content.count(b"data-row-menu") == 1


def test_the_pinned_come_first_and_once(owner: Someone) -> None:
    for text in ("One", "Two", "Three"):
        receipt = post(owner, text)
        if text != "Three":
            change_conversation(owner.actor, conversation_id=receipt.conversation, changes={"is_pinned": True})

    rail = rail_of(owner.actor, None)

    assert [group.label for group in rail.groups] == ["Pinned", "Today"]
    assert titles(rail) == ["Two", "One", "Three"]


def test_the_archived_are_apart_and_come_back(owner: Someone) -> None:
    receipt = post(owner, "Away")

    def archived(*, is_archived: bool) -> tuple[list[str], list[str]]:
        change_conversation(owner.actor, conversation_id=receipt.conversation, changes={"is_archived": is_archived})
        return titles(rail_of(owner.actor, None)), titles(archive_of(owner.actor))

    assert archived(is_archived=True) == ([], ["Away"])
    assert archived(is_archived=False) == (["Away"], [])


def test_it_says_what_is_being_answered_and_what_is_new(owner: Someone, member: Someone) -> None:
    post(owner, "Running")
    done, seen = post(owner, "Done"), post(owner, "Seen")
    answer(done)
    answer(seen)
    Conversation.objects.filter(pk=done.conversation).update(is_unread=True)
    post(member, "Somebody else's")

    rows = {row.title: (row.is_answering, row.is_unread) for row in rail_of(owner.actor, None).rows}

    assert rows == {"Running": (True, False), "Done": (False, True), "Seen": (False, False)}


def test_nobody_sees_anothers(owner: Someone, member: Someone, stranger: Someone) -> None:
    post(owner, "Mine alone")
    _archive(post(owner, "Mine, put away").conversation)

    for other in (member, stranger):
        for path in ("/rail/", "/archive/", "/"):
            assert b"Mine" not in other.client().get(path).content


def test_titles_are_no_markup(owner: Someone) -> None:
    post(owner, "<b onclick=x>\"'")

    html = owner.client().get("/rail/").content.decode()

    assert "<b onclick" not in html
    assert "&lt;b onclick=x&gt;&quot;&#x27;" in html


def _archive(conversation_id: UUID, at: datetime | None = None) -> None:
    Conversation.objects.filter(pk=conversation_id).update(archived_at=at or timezone.now())
