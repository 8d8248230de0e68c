"""A form another site posts in a person's name changes nothing."""

import pytest
from rest_framework.views import APIView

from tests.doors.conftest import Snapshot, address_of, signed_in
from tests.doors.tables import form_of
from tests.doors.walk import Door, doors
from tests.support.cast import Someone


@pytest.mark.parametrize("door", [d for d in doors() if not d.is_admin], ids=lambda door: door.route)
def test_no_door_takes_a_form_without_its_token(door: Door, owner: Someone, everything: Snapshot) -> None:
    client = signed_in(owner, enforce_csrf_checks=True)
    address = address_of(door, owner)
    before = everything()

    answers = [client.post(address, form_of(door.route))]
    answers += [client.generic(method, address) for method in ("PUT", "PATCH", "DELETE")]

    # 415: the REST door refuses the form's kind before it looks for a token in it.
    assert {answer.status_code for answer in answers} <= ({403, 405, 415} if door.is_api else {403, 405})
    assert everything() == before


def test_the_admin_takes_no_form_without_its_token(owner: Someone) -> None:
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    client = signed_in(owner, enforce_csrf_checks=True)

    for door in doors():
        if door.is_admin:
            assert client.post(address_of(door, owner)).status_code in {403, 405}, door.route


def test_only_the_rest_door_checks_the_token_itself() -> None:
    exempt = [door for door in doors() if getattr(door.view, "csrf_exempt", False)]

    assert all(issubclass(getattr(door.view, "cls", object), APIView) for door in exempt), exempt
