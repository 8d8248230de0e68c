"""Models, model servers, keys, people and invitations over REST."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from apps.accounts.models import Invitation
from apps.inference.models import Provider
from olympus.kernel.actor import Role, Scope
from tests.api.conftest import Api
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

NOBODY_THERE = "http://127.0.0.1:9/v1"


def test_models_are_listed_with_what_they_can(api: Api, owner: Someone) -> None:
    scripted_provider()

    models = api.get("models").json()["results"]

    assert [m["name"] for m in models[:4]] == ["auto", "fast", "balanced", "powerful"]
    assert [(m["name"], m["is_default"]) for m in models[4:6]] == [("Script/demo", True), ("Script/echo", False)]
    assert models[4]["capabilities"] == ["chat", "tools", "vision"]
    assert models[-1]["provider_id"] is None
    assert [m["name"] for m in api.get("models?capability=embeddings").json()["results"]] == ["all-minilm-l6-v2"]


def test_a_model_server_is_connected_changed_and_removed(api: Api) -> None:
    made = api.post("providers", {"kind": "openai", "name": "Near", "base_url": NOBODY_THERE, "api_key": "sk-secret"})
    place = made["Location"]

    changed = api.patch(place, {"name": "Nearer", "is_enabled": False}, if_match=api.get(place)["ETag"])
    tested = api.post(f"{place}/test")
    removed = api.delete(place)

    assert (made.status_code, made.json()["has_key"]) == (201, True)
    assert (changed.json()["name"], changed.json()["is_enabled"]) == ("Nearer", False)
    assert tested.json()["last_error"]
    assert removed.status_code == 204
    assert not any("sk-secret" in answer.content.decode() for answer in (made, changed, tested))


def test_a_name_is_taken_once(api: Api) -> None:
    body = {"kind": "openai", "name": "Near", "base_url": NOBODY_THERE}
    api.post("providers", body)

    assert api.post("providers", body).status_code == 409
    assert Provider.objects.count() == 1


def test_an_address_nobody_may_use_is_refused(api: Api) -> None:
    refused = api.post("providers", {"kind": "openai", "name": "Meta", "base_url": "http://169.254.169.254/v1"})

    assert (refused.status_code, refused.json()["code"]) == (400, "address_refused")


def test_a_key_is_shown_once_and_works_until_it_is_revoked(api: Api, owner: Someone) -> None:
    made = api.post("keys", {"name": "laptop", "scopes": ["read"]}, idempotency_key="k")
    again = api.post("keys", {"name": "laptop", "scopes": ["read"]}, idempotency_key="k")
    program = Api(Client(), {"Authorization": f"Bearer {made.json()['secret']}"})

    works = program.get("me").status_code
    api.delete(f"keys/{made.json()['id']}")

    assert (made.status_code, works, program.get("me").status_code) == (201, 200, 401)
    assert (again.json()["id"], again.json()["secret"]) == (made.json()["id"], None)
    assert "secret" not in api.get("keys").json()["results"][0]


def test_no_key_makes_another(api_of: Callable[..., Api], owner: Someone) -> None:
    program = api_of(owner, *Scope)

    refused = program.post("keys", {"name": "another", "scopes": ["read"]})

    assert (refused.status_code, program.get("keys").status_code) == (403, 403)


def test_people_are_listed_and_given_another_role(api: Api, owner: Someone, member: Someone) -> None:
    listed = api.get("people?role=member").json()["results"]

    changed = api.patch(f"people/{member.user.pk}", {"role": "viewer"})

    assert [row["email"] for row in listed] == [member.user.email]
    assert changed.json()["role"] == "viewer"


def test_whoever_is_disabled_is_out_and_comes_back(api: Api, member: Someone) -> None:
    theirs = Api(member.client())

    out = api.patch(f"people/{member.user.pk}", {"is_active": False}).json()
    status = theirs.get("me").status_code
    back = api.patch(f"people/{member.user.pk}", {"is_active": True}).json()

    assert (out["is_active"], status, back["is_active"]) == (False, 401, True)


def test_the_last_owner_stays(api: Api, owner: Someone) -> None:
    refused = api.patch(f"people/{owner.user.pk}", {"role": "member"})

    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")


def test_a_member_manages_nobody(member: Someone, owner: Someone) -> None:
    theirs = Api(member.client())

    answers: list[Any] = [
        theirs.get("people"),
        theirs.get("invitations"),
        theirs.get("providers"),
        theirs.post("invitations", {"role": "owner"}),
        theirs.patch(f"people/{owner.user.pk}", {"role": "viewer"}),
    ]

    assert {answer.status_code for answer in answers} == {403}


def test_an_invitation_gives_its_link_once_and_is_withdrawn(api: Api) -> None:
    made = api.post("invitations", {"role": Role.MEMBER.value, "email": "new@example.org"})

    listed = api.get("invitations").json()["results"]
    withdrawn = api.delete(f"invitations/{made.json()['id']}")

    assert made.json()["link"].startswith("http://testserver/join/")
    assert [row["email"] for row in listed] == ["new@example.org"]
    assert "link" not in listed[0]
    assert withdrawn.status_code == 204
    assert Invitation.objects.get().revoked_at is not None


def test_a_person_changes_how_they_are_called_and_what_they_see(api: Api) -> None:
    changed = api.patch("me", {"name": "Ariadne", "theme": "dark", "language": "de"}).json()

    assert (changed["name"], changed["theme"], changed["language"]) == ("Ariadne", "dark", "de")
    assert api.patch("me", {"theme": "pink"}).status_code == 422


def test_a_model_server_tells_how_it_is_and_is_given_its_share(api: Api) -> None:
    place = api.post("providers", {"kind": "openai", "name": "Near", "base_url": NOBODY_THERE})["Location"]
    tag = api.get(place)["ETag"]

    changed = api.patch(place, {"priority": 2, "weight": 30}, if_match=tag).json()
    listed = api.get("providers").json()["results"][0]

    assert (changed["priority"], changed["weight"]) == (2, 30)
    assert (listed["state"], listed["in_flight"]) == ("offline", 0)
    assert "cannot be reached" in listed["state_reason"]
    assert api.patch(place, {"weight": -1}).status_code == 422
    assert api.patch(place, {"priority": 10**12}).status_code == 422
