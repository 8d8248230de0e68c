"""Every door is tried by those it is not for; one that is in no table must refuse them all."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from tests.doors.conftest import Snapshot, address_of, signed_in
from tests.doors.rest_tables import send
from tests.doors.tables import EVERYBODYS_OWN, FORMS, OBJECTS, PUBLIC, REFUSED_IN_WORDS, SILENT, form_of
from tests.doors.walk import Door, doors
from tests.support.cast import Someone

DOORS = doors()
CLOSED = [door for door in DOORS if door.route not in PUBLIC]
TO_OBJECTS = [door for door in CLOSED if door.names and not door.is_admin and door.route not in EVERYBODYS_OWN]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def ask(client: Client, method: str, address: str, route: str, **kwargs: Any) -> Any:
    """Knock: with the door's own form where something could change."""
    return send(client, method, address, route, form_of(route), **kwargs)


def check_refuses_the_anonymous(door: Door, address: str) -> None:
    """Fail unless every method is refused, and one of them because nobody said who they are."""
    answers = {method: ask(Client(), method, address, door.route) for method in METHODS}
    refused = {m: a for m, a in answers.items() if is_sent_to_sign_in(a) or a.status_code in {401, 403}}
    wrong = {m: a.status_code for m, a in answers.items() if m not in refused and a.status_code != 405}
    assert refused, f"{door.route} asked nobody who they are"
    assert not wrong, door.route


def body_of(answer: Any) -> bytes:
    """Read an answer to its end, a file's too, so that nothing stays open."""
    if answer.streaming and answer.is_async:
        return b""  # events: who only knocks does not stay for them
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def is_sent_to_sign_in(answer: Any) -> bool:
    """Whether the answer leads to the sign-in page."""
    return answer.status_code == 302 and answer["Location"].startswith(("/accounts/login/", "/admin/login/"))


def test_the_tables_name_only_doors_there_are() -> None:
    routes = {door.route for door in DOORS}

    assert {*PUBLIC, *OBJECTS, *FORMS} <= routes


def test_every_door_to_an_object_is_in_the_table_that_makes_one() -> None:
    assert {door.route for door in TO_OBJECTS} == set(OBJECTS)


@pytest.mark.parametrize("door", [d for d in CLOSED if not d.is_admin], ids=lambda door: door.route)
def test_whoever_is_not_signed_in_is_refused(door: Door, owner: Someone, everything: Snapshot) -> None:
    address = address_of(door, owner)
    before = everything()

    check_refuses_the_anonymous(door, address)

    assert everything() == before


def test_whoever_is_not_signed_in_is_refused_all_of_the_admin(owner: Someone, everything: Snapshot) -> None:
    before = everything()

    for door in CLOSED:
        if door.is_admin:
            check_refuses_the_anonymous(door, address_of(door, owner))

    assert everything() == before


@pytest.mark.parametrize("who", ["member", "stranger"])
@pytest.mark.parametrize("door", TO_OBJECTS, ids=lambda door: door.route)
def test_what_is_the_owners_is_not_there_for_others(
    door: Door, who: str, owner: Someone, everything: Snapshot, request: pytest.FixtureRequest
) -> None:
    intruder: Someone = request.getfixturevalue(who)
    client = signed_in(intruder)
    address = address_of(door, owner)
    before = everything()

    answers = {method: ask(client, method, address, door.route) for method in METHODS}

    wrong = {m: (a.status_code, a.headers.get("Location")) for m, a in answers.items() if not _is_refusal(a, door, m)}
    assert any(a.status_code != 405 for a in answers.values())
    assert not wrong
    assert everything() == before


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_the_admin_is_for_staff_alone(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    client = signed_in(request.getfixturevalue(who))

    for door in (door for door in CLOSED if door.is_admin):
        for method in METHODS:
            answer = ask(client, method, address_of(door, owner), door.route)
            assert answer.status_code in {302, 403, 405}, (door.route, method)
            if answer.status_code == 302:
                assert is_sent_to_sign_in(answer), door.route
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("door", [d for d in DOORS if not d.is_admin], ids=lambda door: door.route)
def test_looking_changes_nothing(door: Door, owner: Someone, everything: Snapshot) -> None:
    client = signed_in(owner)
    address = address_of(door, owner)
    before = everything()

    answer = client.get(address)
    body_of(answer)

    assert answer.status_code < 500 or door.route == "readyz"
    assert everything() == before


def _is_refusal(answer: Any, door: Door, method: str) -> bool:
    if answer.status_code in {403, 404, 405}:
        return True
    if method == "DELETE" and door.route in SILENT:
        return answer.status_code == 204
    back_to = REFUSED_IN_WORDS.get(door.route)
    errors = [m for m in get_messages(answer.wsgi_request) if m.level_tag == "error"]
    return back_to is not None and answer.status_code == 302 and answer["Location"] == back_to and bool(errors)
