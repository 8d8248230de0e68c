"""What every operation of the REST door does alike: pages, ETags, repeats, errors."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.chat.models import Conversation
from tests.api.conftest import Api
from tests.support.cast import Someone

PROBLEM = "application/problem+json"


def make(api: Api, title: str = "Marble") -> dict[str, Any]:
    body: dict[str, Any] = api.post("conversations", {"title": title}).json()
    return body


def test_an_unchanged_answer_is_not_sent_again(api: Api) -> None:
    place = f"conversations/{make(api)['id']}"
    tag = api.get(place)["ETag"]

    again = api.get(place, if_none_match=f'"other", W/{tag}')

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_a_list_has_a_tag_too(api: Api) -> None:
    tag = api.get("conversations")["ETag"]
    make(api)

    assert api.get("conversations", if_none_match=tag).status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_change_of_another_state_is_refused(method: str, api: Api) -> None:
    place = f"conversations/{make(api)['id']}"
    tag = api.get(place)["ETag"]
    api.patch(place, {"title": "Granite"})

    answer = api(method, place, {"title": "Sand"}, if_match=tag)

    assert (answer.status_code, answer.json()["code"]) == (412, "changed_meanwhile")
    assert api.get(place).json()["title"] == "Granite"


def test_a_change_of_this_state_is_made_and_names_the_next(api: Api) -> None:
    place = f"conversations/{make(api)['id']}"

    answer = api.patch(place, {"title": "Granite"}, if_match=api.get(place)["ETag"])

    assert answer.status_code == 200
    assert answer["ETag"] == api.get(place)["ETag"]


def test_a_weak_tag_names_no_state_for_a_change(api: Api) -> None:
    place = f"conversations/{make(api)['id']}"

    assert api.patch(place, {"title": "Sand"}, if_match=f"W/{api.get(place)['ETag']}").status_code == 412
    assert api.patch(place, {"title": "Sand"}, if_match="*").status_code == 200


def test_a_repeated_request_is_done_once_and_answered_alike(api: Api) -> None:
    first = api.post("conversations", {"title": "Once"}, idempotency_key="k")
    again = api.post("conversations", {"title": "Once"}, idempotency_key="k")

    assert Conversation.objects.count() == 1
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (first["Location"], first["ETag"]) == (again["Location"], again["ETag"])
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")


def test_a_key_is_for_one_body(api: Api) -> None:
    api.post("conversations", {"title": "Once"}, idempotency_key="k")

    answer = api.post("conversations", {"title": "Twice"}, idempotency_key="k")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Conversation.objects.count() == 1


def test_a_key_is_for_one_person_and_address(api: Api, member: Someone) -> None:
    conversation = make(api)
    api.post("conversations", {"title": "Mine"}, idempotency_key="k")

    other = Api(member.client()).post("conversations", {"title": "Theirs"}, idempotency_key="k")
    elsewhere = api.post(f"conversations/{conversation['id']}/restore", idempotency_key="k")

    assert other.json()["title"] == "Theirs"
    assert elsewhere.json()["id"] == conversation["id"]


def test_what_failed_may_be_tried_again_under_its_key(api: Api) -> None:
    refused = api.post("conversations", {"title": " "}, idempotency_key="k")
    taken = api.post("conversations", {"title": "Now"}, idempotency_key="k")

    assert (refused.status_code, taken.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_key_has_a_length(key: str, api: Api) -> None:
    answer = api.post("conversations", {}, idempotency_key=key)

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("cursor=made-up", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "x" * 3000, "cursor"),
        ("is_archive=true", "is_archive"),
        ("limit=1&limit=2", "limit"),
        ("project=temple", "project"),
        ("is_pinned=%ff", "is_pinned"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(query: str, field: str, api: Api) -> None:
    answer = api.get(f"conversations?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_cursor_opens_only_the_list_it_is_from(api: Api) -> None:
    make(api)
    make(api)
    cursor = api.get("conversations?limit=1").json()["next"]

    assert api.get(f"keys?cursor={cursor}").status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"title": NaN}', 400),
        (b'{"title": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 400),
        (b"1" * 10_000, 400),
        (b'{"title": "' + b"x" * 2_600_000 + b'"}', 413),
        (b"null", 422),
        (b"[]", 422),
    ],
)
def test_no_body_breaks_anything(body: bytes, status: int, api: Api) -> None:
    answer = api.post("conversations", body)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nowhere", 404, "not_found"),
        ("GET", "conversations/not-a-uuid", 404, "not_found"),
        ("PUT", "conversations", 405, "method_not_allowed"),
        ("OPTIONS", "conversations", 405, "method_not_allowed"),
        ("POST", "docs/", 405, "method_not_allowed"),
    ],
)
def test_every_refusal_is_a_problem(method: str, path: str, status: int, code: str, api: Api) -> None:
    answer = api(method, path)

    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (status, PROBLEM, code)


def test_what_is_no_json_and_what_wants_none_is_refused(owner: Someone) -> None:
    client = owner.client()

    form = client.post("/api/v1/conversations", {"title": "x"})
    html = client.get("/api/v1/conversations", headers={"accept": "text/html"})

    assert (form.status_code, html.status_code) == (415, 406)
    assert form["Content-Type"] == html["Content-Type"] == PROBLEM


def test_a_forged_change_is_a_problem_too(owner: Someone) -> None:
    client = owner.client(enforce_csrf_checks=True)

    answer = client.post("/api/v1/conversations", json.dumps({}), content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)


def test_a_stranger_is_told_how_to_come_in(db: None) -> None:
    answer = Api(Client()).get("conversations")

    assert (answer.status_code, answer["WWW-Authenticate"], answer.json()["code"]) == (401, "Bearer", "unauthenticated")
