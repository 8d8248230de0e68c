"""Conversations over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.chat.models import Conversation, Project
from apps.chat.services import post_message
from olympus.kernel.ids import uuid7
from tests.api.conftest import Api
from tests.support.cast import Someone


def begin(who: Someone, title: str = "Marble", **fields: Any) -> Conversation:
    return Conversation.objects.create(
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        title=title,
        updated_at=fields.pop("updated_at", timezone.now()),
        **fields,
    )


def project(who: Someone) -> Project:
    return Project.objects.create(organization_id=who.actor.organization_id, owner=who.user, name="Temple")


def ids(answer: Any) -> list[UUID]:
    return [UUID(row["id"]) for row in answer.json()["results"]]


def test_a_conversation_is_shown_whole(api: Api, owner: Someone) -> None:
    conversation = begin(owner)

    body = api.get(f"conversations/{conversation.pk}").json()

    assert body == {
        "id": str(conversation.pk),
        "title": "Marble",
        "title_source": "words",
        "project": None,
        "is_pinned": False,
        "is_archived": False,
        "is_unread": False,
        "is_answering": False,
        "settings": {},
        "active_leaf": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }


def test_the_last_used_come_first_a_page_at_a_time(api: Api, owner: Someone) -> None:
    now = timezone.now()
    made = [begin(owner, f"{n}", updated_at=now - timedelta(minutes=n)) for n in range(5)]

    first = api.get("conversations?limit=2")
    begin(owner, "meanwhile")
    second = api.get(f"conversations?limit=2&cursor={first.json()['next']}")
    third = api.get(f"conversations?limit=2&cursor={second.json()['next']}")

    assert ids(first) + ids(second) + ids(third) == [c.pk for c in made]
    assert third.json()["next"] is None


def test_rows_of_one_moment_are_neither_lost_nor_doubled(api: Api, owner: Someone) -> None:
    now = timezone.now()
    made = {begin(owner, updated_at=now).pk for _ in range(7)}

    found, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"conversations?limit=3{cursor and f'&cursor={cursor}'}")
        found += ids(answer)
        cursor = answer.json()["next"]

    assert len(found) == 7
    assert set(found) == made


@pytest.mark.parametrize("which", ["is_pinned", "is_archived", "is_unread"])
def test_a_filter_keeps_what_it_names(which: str, api: Api, owner: Someone) -> None:
    mark: dict[str, Any] = {"is_pinned": {"pinned_at": timezone.now()}, "is_archived": {"archived_at": timezone.now()}}
    marked, plain = begin(owner, **mark.get(which, {"is_unread": True})), begin(owner)

    assert ids(api.get(f"conversations?{which}=true")) == [marked.pk]
    assert ids(api.get(f"conversations?{which}=false")) == [plain.pk]


def test_a_project_has_its_own_list(api: Api, owner: Someone) -> None:
    temple = project(owner)
    inside, _outside = begin(owner, project=temple), begin(owner)

    assert ids(api.get(f"conversations?project={temple.pk}")) == [inside.pk]


def test_a_list_takes_as_many_queries_however_long_it_is(
    api: Api, owner: Someone, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(3):
        post_message(owner.actor, client_id=f"{number}", text="Say")

    with django_assert_num_queries(5):  # session, person, membership, those being answered, the page
        answer = api.get("conversations")

    assert [row["is_answering"] for row in answer.json()["results"]] == [True] * 3


def test_an_empty_conversation_begins(api: Api, owner: Someone) -> None:
    temple = project(owner)

    answer = api.post(
        "conversations",
        {"title": "Columns", "project": str(temple.pk), "settings": {"model": "demo", "options": {"temperature": 0.5}}},
    )

    body = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/conversations/{body['id']}"
    assert (body["title"], body["title_source"], body["project"]) == ("Columns", "person", str(temple.pk))
    assert body["settings"] == {"model": "demo", "options": {"temperature": 0.5}}
    assert api.get(answer["Location"]).json() == body


def test_what_is_given_changes_and_the_rest_stays(api: Api, owner: Someone) -> None:
    conversation = begin(owner, is_unread=True)

    body = api.patch(f"conversations/{conversation.pk}", {"is_pinned": True, "title": "  New \n name "}).json()

    assert (body["title"], body["title_source"]) == ("New name", "person")
    assert (body["is_pinned"], body["is_archived"], body["is_unread"]) == (True, False, True)
    assert api.patch(f"conversations/{conversation.pk}", {"is_pinned": False}).json()["is_pinned"] is False


def test_it_moves_into_a_project_and_out(api: Api, owner: Someone) -> None:
    conversation, temple = begin(owner), project(owner)

    inside = api.patch(f"conversations/{conversation.pk}", {"project": str(temple.pk)}).json()
    outside = api.patch(f"conversations/{conversation.pk}", {"project": None}).json()

    assert (inside["project"], outside["project"]) == (str(temple.pk), None)


def test_anothers_project_is_not_there(api: Api, owner: Someone, stranger: Someone) -> None:
    conversation = begin(owner)

    answer = api.patch(f"conversations/{conversation.pk}", {"project": str(project(stranger).pk)})

    assert answer.status_code == 404
    assert Conversation.objects.get().project is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": False}, "title"),
        ({"is_pinned": "perhaps"}, "is_pinned"),
        ({"project": "temple"}, "project"),
        ({"settings": {"options": {"temperature": 9}}}, "settings.options.temperature"),
        ({"settings": {"options": {"temporary": True}}}, "settings.options.temporary"),
        ({"settings": {"colour": "red"}}, "settings"),
        ({"settings": []}, "settings"),
        ([], None),
        ('"title"', None),
    ],
)
def test_what_cannot_be_is_refused_by_name(body: Any, field: str | None, api: Api, owner: Someone) -> None:
    conversation = begin(owner)

    answer = api.patch(f"conversations/{conversation.pk}", body)

    assert (answer.status_code, answer.json().get("field")) == (422, field)
    assert Conversation.objects.get().title == "Marble"


def test_a_deletion_is_taken_back(api: Api, owner: Someone) -> None:
    conversation = begin(owner)

    gone = api.delete(f"conversations/{conversation.pk}")
    missing = api.get(f"conversations/{conversation.pk}")
    back = api.post(f"conversations/{conversation.pk}/restore")

    assert (gone.status_code, missing.status_code, back.status_code) == (204, 404, 200)
    assert ids(api.get("conversations")) == [conversation.pk]


def test_after_thirty_days_there_is_no_way_back(api: Api, owner: Someone) -> None:
    conversation = begin(owner, deleted_at=timezone.now() - timedelta(days=31))

    assert api.post(f"conversations/{conversation.pk}/restore").status_code == 404


def test_restoring_what_is_there_changes_nothing(api: Api, owner: Someone) -> None:
    conversation = begin(owner)

    assert api.post(f"conversations/{conversation.pk}/restore").json()["id"] == str(conversation.pk)


def test_text_the_store_cannot_hold_is_mended(api: Api, owner: Someone) -> None:
    conversation = begin(owner)

    answer = api.patch(f"conversations/{conversation.pk}", '{"title": "a\\u0000b"}')

    assert answer.json()["title"] == "a\ufffdb"


def test_one_that_never_was_is_not_found(api: Api) -> None:
    answer = api.get(f"conversations/{uuid7()}")

    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_not_found")
