"""Tiers over REST: list, change, have them picked, and ask why."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import ApiKey
from apps.accounts.services.keys import create_api_key
from apps.inference.contracts import Capability, ModelInfo
from apps.inference.models import Provider, Tier, catalog_of
from olympus.kernel.actor import Scope
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
CHAT = frozenset({Capability.CHAT})


@pytest.fixture
def three(owner: Someone) -> Provider:
    """A model for each tier."""
    return Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="Here",
        kind="openai",
        base_url="http://127.0.0.1:9/v1",
        catalog=catalog_of([ModelInfo(name, CHAT, 32_768) for name in ("quick:3b", "middle:8b", "strong:70b")]),
    )


def ask(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    data = b"" if body is None else json.dumps(body)
    return client.generic(method, f"/api/v1/tiers{path}", data, "application/json", headers=headers)


def names_in(tier: dict[str, Any]) -> list[str]:
    return [model["name"] for model in tier["models"]]


@pytest.mark.usefixtures("three")
def test_the_tiers_are_listed_with_what_is_picked(owner: Someone) -> None:
    tiers = ask(owner.client(), "GET", "").json()["results"]

    assert [tier["name"] for tier in tiers] == ["fast", "balanced", "powerful"]
    assert [names_in(tier) for tier in tiers] == [["quick:3b"], ["middle:8b"], ["strong:70b"]]
    assert all(tier["is_picked"] for tier in tiers)
    assert tiers[0]["models"][0]["reason"] == "3 billion parameters"


@pytest.mark.usefixtures("three")
def test_a_tier_is_replaced_changed_and_picked_again(owner: Someone) -> None:
    client = owner.client()

    put = ask(client, "PUT", "/fast", {"model_names": ["middle:8b"], "memory_gb": 5, "uses": "Mail"})
    patched = ask(client, "PATCH", "/fast", {"tokens_per_s": 40.5})
    emptied = ask(client, "PUT", "/fast", {"model_names": ["quick:3b"]})
    gone = ask(client, "DELETE", "/fast")

    assert put.status_code == 200
    assert (names_in(put.json()), put.json()["memory_gb"], put.json()["is_picked"]) == (["middle:8b"], 5.0, False)
    assert (patched.json()["tokens_per_s"], patched.json()["uses"]) == (40.5, "Mail")
    assert (emptied.json()["memory_gb"], emptied.json()["uses"]) == (None, "")
    assert gone.status_code == 204
    assert ask(client, "GET", "/fast").json()["is_picked"]


def test_a_change_is_made_only_to_the_state_that_was_read(owner: Someone) -> None:
    client = owner.client()
    tag = ask(client, "GET", "/fast")["ETag"]
    ask(client, "PATCH", "/fast", {"uses": "Mail"})

    refused = ask(client, "PATCH", "/fast", {"uses": "Late"}, if_match=tag)

    assert refused.status_code == 412
    assert Tier.objects.get().uses == "Mail"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model_names": ["fast"]}, "model_names"),
        ({"model_names": "a"}, "model_names"),
        ({"model_names": [1]}, "model_names.0"),
        ({"model_names": [""]}, "model_names.0"),
        ({"model_names": [f"m{n}" for n in range(1000)]}, "model_names"),
        ({"memory_gb": -1}, "memory_gb"),
        ({"memory_gb": 0}, "memory_gb"),
        ({"tokens_per_s": "fast"}, "tokens_per_s"),
        ({"uses": "x" * 301}, "uses"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(owner: Someone, body: dict[str, Any], field: str) -> None:
    refused = ask(owner.client(), "PATCH", "/fast", body)

    assert refused.status_code == 422
    assert refused.json()["field"].startswith(field.partition(".")[0])
    assert not Tier.objects.exists()


def test_a_tier_there_is_not_is_not_found(owner: Someone) -> None:
    assert ask(owner.client(), "GET", "/huge").status_code == 404
    assert ask(owner.client(), "PUT", "/huge", {"model_names": []}).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/fast"), ("PUT", "/fast"), ("DELETE", "/fast")])
def test_members_do_not_route(member: Someone, method: str, path: str) -> None:
    assert ask(member.client(), method, path, {"model_names": []}).status_code == 403


def test_an_owner_of_another_organization_meets_only_their_own(owner: Someone, stranger: Someone) -> None:
    ours = Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["a"], uses="Ours")
    client = stranger.client()

    read = ask(client, "GET", "/fast").json()
    ask(client, "PUT", "/fast", {"model_names": ["b"]})
    ask(client, "DELETE", "/fast")

    assert (read["uses"], read["models"]) == ("", [])
    assert list(Tier.objects.all()) == [ours]


@pytest.mark.usefixtures("three")
def test_a_choice_is_explained(member: Someone) -> None:
    answer = ask(member.client(), "POST", "/explain", {"text": "Prove step by step why this Python function has a bug"})

    said = answer.json()
    assert answer.status_code == 200
    assert said["tier"] == "powerful"
    assert said["models"] == ["strong:70b", "middle:8b", "quick:3b"]
    assert said["reasons"][0].endswith(": powerful.")
    assert {signal["kind"] for signal in said["signals"]} >= {"code", "hard", "reasoning"}
    assert sum(signal["points"] for signal in said["signals"]) == said["points"]


@pytest.mark.usefixtures("three")
def test_a_tier_and_what_goes_along_are_explained(owner: Someone) -> None:
    client = owner.client()

    named = ask(client, "POST", "/explain", {"text": "Hi", "model": "balanced"}).json()
    long = ask(client, "POST", "/explain", {"text": "Hi", "conversation_tokens": 33_000}).json()
    seen = ask(client, "POST", "/explain", {"text": "Hi", "image_count": 1}).json()

    assert (named["tier"], named["models"][0]) == ("balanced", "middle:8b")
    assert "No model reads all of it: the one that reads most comes first." in long["reasons"]
    assert seen["models"] == []


@pytest.mark.usefixtures("three")
def test_a_key_is_explained_its_own_models_alone(owner: Someone) -> None:
    key, secret = create_api_key(actor=owner.actor, name="a program", scopes=[Scope.WRITE])
    ApiKey.objects.filter(pk=key.pk).update(allowed_models=["middle:8b"])

    said = ask(Client(), "POST", "/explain", {"text": "Hi"}, authorization=f"Bearer {secret}").json()

    assert said["models"] == ["middle:8b"]


@pytest.mark.parametrize(
    "body",
    [{}, {"text": None}, {"text": 5}, {"text": "a", "model": "huge"}, {"text": "a", "image_count": -1}, [], "text"],
)
def test_an_odd_question_is_refused(owner: Someone, body: Any) -> None:
    assert ask(owner.client(), "POST", "/explain", body).status_code in {400, 422}


def test_a_question_of_a_megabyte_is_read_quickly(owner: Someone) -> None:
    said = ask(owner.client(), "POST", "/explain", {"text": "word " * 199_999}).json()

    assert said["token_count"] == pytest.approx(250_000, rel=0.01)


@pytest.mark.usefixtures("three")
def test_a_key_sees_the_models_it_may_use_and_the_names_that_stand_for_them(owner: Someone) -> None:
    key, secret = create_api_key(actor=owner.actor, name="a program", scopes=[Scope.READ])
    ApiKey.objects.filter(pk=key.pk).update(allowed_models=["middle:8b"])

    listed = Client().get("/api/v1/models", headers={"authorization": f"Bearer {secret}"}).json()["results"]

    assert [model["label"] for model in listed] == ["Auto", "Fast", "Balanced", "Powerful", "middle:8b"]
    assert [model["tier"] for model in listed] == [None, "fast", "balanced", "powerful", None]
