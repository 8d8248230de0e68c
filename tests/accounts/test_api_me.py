"""GET /api/v1/me, and how the REST door knows who calls."""

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from olympus.kernel.actor import Role, Scope
from tests.accounts.cast import Cast, make

ME = "/api/v1/me"


def test_a_key_learns_whose_it_is_and_what_it_may(member: Cast, key_of: object) -> None:
    key = key_of(member, Scope.READ)  # type: ignore[operator]

    response = Client().get(ME, headers={"Authorization": f"Bearer {key}"})

    assert response.status_code == 200
    assert response.json() == {
        "id": str(member.user.pk),
        "name": "Ariadne",
        "email": "ariadne@example.test",
        "organization": str(member.actor.organization_id),
        "role": "member",
        "scopes": ["read"],
        "may_administer": False,
        "theme": "system",
        "language": "",
        "may_switch_server": True,
    }


def test_a_browser_is_known_by_its_session(owner: Cast) -> None:
    body = owner.browser.get(ME).json()

    assert (body["role"], body["may_administer"], body["scopes"]) == ("owner", True, ["admin", "read", "write"])


def test_a_stranger_is_asked_for_a_key_in_problem_details(stranger: Client) -> None:
    response = stranger.get(ME)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "bearer oly_abcdefgh_" + "a" * 43])
def test_a_wrong_key_is_an_error_even_beside_a_good_session(member: Cast, header: str) -> None:
    response = member.browser.get(ME, headers={"Authorization": header})

    assert response.status_code == 401


def test_another_method_is_refused_with_a_problem(member: Cast) -> None:
    response = member.browser.put(ME)

    assert response.status_code == 405
    assert response.json()["status"] == 405


def test_answers_for_one_person_are_kept_by_no_cache(member: Cast, key_of: object) -> None:
    key = key_of(member)  # type: ignore[operator]

    by_session = member.browser.get(ME)
    by_key = Client().get(ME, headers={"Authorization": f"Bearer {key}"})

    assert by_session["Cache-Control"] == by_key["Cache-Control"] == "no-store"


@pytest.mark.django_db(transaction=True)
async def test_the_same_answers_come_through_the_asynchronous_door() -> None:
    person = await sync_to_async(make)(Role.MEMBER, "ariadne")
    browser = AsyncClient()
    await browser.aforce_login(person.user)

    known, unknown = await browser.get(ME), await AsyncClient().get(ME)
    await sync_to_async(connections.close_all)()  # of the one thread that served them

    assert (known.status_code, known.json()["email"]) == (200, "ariadne@example.test")
    assert unknown.status_code == 401
