"""What a key is held to: its models, its end, its name; on the page and over REST."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership
from apps.accounts.services.keys import MOST_MODELS, change_api_key, create_api_key
from apps.inference.contracts import Capability, ModelInfo
from apps.inference.models import Provider, catalog_of
from olympus.kernel.actor import Scope
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import Cast

KEYS = "/settings/keys/"
REST = "/api/v1/keys"
FORM = {"name": "notebook", "scopes": ["read", "write"], "expiry": "90"}


@pytest.fixture
def connected(owner: Cast) -> None:
    """Two models are connected."""
    Provider.objects.create(
        organization_id=owner.actor.organization_id,
        kind="openai",
        name="Box",
        base_url="http://127.0.0.1:9/v1",
        catalog=catalog_of([ModelInfo(name, frozenset({Capability.CHAT})) for name in ("llama3", "qwen3")]),
    )


def make(person: Cast, **more: object) -> ApiKey:
    return create_api_key(actor=person.actor, name="k", scopes=[Scope.READ], **more)[0]  # type: ignore[arg-type]


def send(person: Cast, row: ApiKey, body: object) -> object:
    return person.browser.patch(f"{REST}/{row.pk}", json.dumps(body), content_type="application/json")


def test_the_models_of_a_key_are_chosen_from_those_connected(member: Cast, connected: None) -> None:
    page = member.browser.get(KEYS).content.decode()
    made = member.browser.post(KEYS, {**FORM, "allowed_models": ["qwen3"]})
    unknown = member.browser.post(KEYS, {**FORM, "allowed_models": ["gpt-unknown"]})

    assert 'value="llama3"' in page
    assert "Only qwen3" in made.content.decode()
    assert "gpt-unknown is not one of the available choices" in unknown.content.decode()
    assert [row.allowed_models for row in ApiKey.objects.all()] == [["qwen3"]]


def test_a_key_is_changed_on_its_page_and_keeps_a_model_that_is_away(member: Cast, connected: None) -> None:
    row = make(member, allowed_models=["away"])

    page = member.browser.get(f"{KEYS}{row.pk}/").content.decode()
    answer = member.browser.post(
        f"{KEYS}{row.pk}/", {"name": "other", "allowed_models": ["away", "llama3"]}, follow=True
    )

    assert 'value="away"' in page
    assert "The key is changed." in answer.content.decode()
    row.refresh_from_db()
    assert (row.name, row.allowed_models) == ("other", ["away", "llama3"])
    assert AuditEntry.objects.filter(action="api_key.change").exists()


def test_rest_makes_changes_and_shows_what_a_key_is_held_to(member: Cast) -> None:
    ends = timezone.now() + timedelta(days=3)
    made = member.browser.post(
        REST,
        json.dumps({"name": "k", "scopes": ["read"], "allowed_models": ["a", "b", "a"]}),
        content_type="application/json",
    ).json()
    row = ApiKey.objects.get(pk=made["id"])

    ended = send(member, row, {"expires_at": ends.isoformat()}).json()  # type: ignore[attr-defined]
    changed = send(member, row, {"allowed_models": [], "expires_at": None, "name": "n"}).json()  # type: ignore[attr-defined]

    assert made["allowed_models"] == ["a", "b"]
    assert (ended["allowed_models"], ended["expires_at"] is not None) == (["a", "b"], True)
    assert (changed["allowed_models"], changed["expires_at"], changed["name"]) == ([], None, "n")


@pytest.mark.parametrize(
    "body",
    [
        {"allowed_models": "llama3"},
        {"allowed_models": [1, {}]},
        {"allowed_models": ["x"] * (MOST_MODELS + 1)},
        {"allowed_models": ["x" * 201]},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "soon"},
        {"name": " "},
        {"name": None},
        [],
    ],
)
def test_rest_refuses_what_makes_no_sense(member: Cast, body: object) -> None:
    row = make(member, allowed_models=["a"])

    answer = send(member, row, body)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    row.refresh_from_db()
    assert (row.name, row.allowed_models, row.expires_at) == ("k", ["a"], None)


def test_unstorable_names_are_cleaned(member: Cast) -> None:
    row = make(member, allowed_models=["a\x00b", "c\ud800"])

    assert row.allowed_models == ["a\ufffdb", "c\ufffd"]


def test_nobody_else_changes_a_key_and_a_revoked_one_stays(member: Cast, owner: Cast, stranger: Client) -> None:
    row = make(member)

    with pytest.raises(NotFound):
        change_api_key(actor=owner.actor, key_id=row.pk, name="mine")
    assert owner.browser.get(f"{KEYS}{row.pk}/").status_code == 404
    assert send(owner, row, {"name": "mine"}).status_code == 404  # type: ignore[attr-defined]
    assert stranger.get(f"{KEYS}{row.pk}/")["Location"].startswith("/accounts/login/")
    assert member.browser.get(f"{KEYS}{UUID(int=1)}/").status_code == 404
    member.browser.post(f"{KEYS}{row.pk}/revoke/")
    assert member.browser.get(f"{KEYS}{row.pk}/").status_code == 404


def test_an_end_in_the_past_is_refused_below_the_door_too(member: Cast) -> None:
    row = make(member)

    with pytest.raises(Invalid):
        change_api_key(actor=member.actor, key_id=row.pk, expires_at=timezone.now() - timedelta(seconds=1))


def test_administrators_make_people_premium_and_members_do_not(admin: Cast, member: Cast, owner: Cast) -> None:
    page = admin.browser.post(f"/settings/people/{member.user.pk}/premium/", {"on": "1"}, follow=True).content.decode()

    assert "Only budgets hold for this person now." in page
    assert Membership.objects.get(user=member.user).is_premium
    assert member.browser.post(f"/settings/people/{member.user.pk}/premium/", {"on": "0"}).status_code == 403
    admin.browser.post(f"/settings/people/{member.user.pk}/premium/", {"on": "0"})
    assert not Membership.objects.get(user=member.user).is_premium


def test_premium_over_rest(owner: Cast, member: Cast) -> None:
    changed = owner.browser.patch(
        f"/api/v1/people/{member.user.pk}", json.dumps({"is_premium": True}), content_type="application/json"
    )

    assert changed.json()["is_premium"] is True
    assert Membership.objects.get(user=member.user).is_premium
