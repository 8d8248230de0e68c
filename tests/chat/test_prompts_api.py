"""The prompt library over REST: one's own, what is shared, and nothing of strangers."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.services.keys import create_api_key
from apps.chat.models import Prompt, PromptVersion
from apps.chat.services import prompts
from olympus.kernel.actor import Scope
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Session, person, membership, savepoint's worth of nothing; then prompts and their versions.
LIST = 5
TICKET = {
    "title": "Answer a ticket",
    "text": "Answer {{customer}} about {{topic}}.\nTone: {{tone}}.",
    "variables": [
        {"name": "customer", "label": "Customer", "required": True},
        {"name": "tone", "type": "choice", "choices": ["warm", "brief"], "default": "warm"},
    ],
}


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)


def made(client: Client, **changes: Any) -> dict[str, Any]:
    answer = send(client, "POST", "/prompts", {**TICKET, **changes})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_prompt_is_made_with_all_the_variables_it_asks_for(owner: Someone) -> None:
    prompt = made(owner.client())

    assert prompt["name"] == "answer-a-ticket"
    assert (prompt["version"], prompt["is_own"], prompt["is_shared"]) == (1, True, False)
    assert [(v["name"], v["type"], v["required"]) for v in prompt["variables"]] == [
        ("customer", "text", True),
        ("tone", "choice", True),
        ("topic", "text", True),
    ]


def test_two_of_one_title_get_two_names(owner: Someone) -> None:
    client = owner.client()

    assert [made(client)["name"] for _ in range(3)] == ["answer-a-ticket", "answer-a-ticket-2", "answer-a-ticket-3"]


def test_a_name_is_taken_once(owner: Someone, member: Someone) -> None:
    client = owner.client()
    made(client, name="/Ticket")

    answer = send(client, "POST", "/prompts", {**TICKET, "name": "ticket"})

    assert (answer.status_code, answer.json()["code"]) == (409, "prompt_name_taken")
    assert made(member.client(), name="ticket")["name"] == "ticket"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"text": ""}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": 5 * [1]}, "text"),
        ({"name": "Two words"}, "name"),
        ({"name": "../etc"}, "name"),
        ({"is_shared": "perhaps"}, "is_shared"),
        ({"variables": "none"}, "variables"),
        ({"variables": [{"name": "1st"}]}, "variables.0.name"),
        ({"variables": [{"name": "a"}, {"name": "a"}]}, "variables.1.name"),
        ({"variables": [{"name": "a", "type": "colour"}]}, "variables.0.type"),
        ({"variables": [{"name": "a", "type": "choice"}]}, "variables.0.choices"),
        ({"variables": [{"name": "a", "type": "number", "default": "many"}]}, "variables.0.default"),
        ({"variables": [{"name": "a", "default": {}}]}, "variables.0.default"),
        ({"variables": [{"name": f"v{n}"} for n in range(51)]}, "variables"),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(change: dict[str, Any], field: str, owner: Someone) -> None:
    answer = send(owner.client(), "POST", "/prompts", {**TICKET, **change})

    assert answer.status_code == 422
    assert answer.json()["field"].startswith(field)
    assert not Prompt.objects.exists()


def test_nul_and_lone_surrogates_do_not_reach_the_store(owner: Someone) -> None:
    prompt = prompts.create_prompt(owner.actor, title="A\x00B", text="C\ud800{{d}}")

    assert prompt.title == "A\ufffdB"
    assert PromptVersion.objects.get().text == "C\ufffd{{d}}"


def test_another_text_makes_a_version_and_another_title_none(owner: Someone) -> None:
    client = owner.client()
    path = f"/prompts/{made(client)['id']}"

    renamed = send(client, "PATCH", path, {"title": "Ticket"}).json()
    changed = send(client, "PATCH", path, {"text": "New {{word}}"}).json()
    same = send(client, "PATCH", path, {"text": "New {{word}}"}).json()

    assert (renamed["version"], changed["version"], same["version"]) == (1, 2, 2)
    numbers = [v["number"] for v in client.get(f"/api/v1{path}/versions").json()["results"]]
    assert numbers == [2, 1]


def test_an_older_version_comes_back_as_the_newest(owner: Someone) -> None:
    client = owner.client()
    path = f"/prompts/{made(client)['id']}"
    send(client, "PATCH", path, {"text": "Else"})

    restored = send(client, "POST", f"{path}/restore", {"number": 1}).json()

    assert (restored["version"], restored["text"]) == (3, TICKET["text"])
    assert send(client, "POST", f"{path}/restore", {"number": 9}).status_code == 404
    assert send(client, "POST", f"{path}/restore", {"number": 2**40}).status_code == 422


def test_who_a_prompt_is_shared_with_sees_nothing_it_was_before(owner: Someone, member: Someone) -> None:
    path = f"/prompts/{made(owner.client(), text='The secret word is owl.')['id']}"
    send(owner.client(), "PATCH", path, {"text": "There is no word."})
    send(owner.client(), "PATCH", path, {"is_shared": True})

    for reader, numbers in ((owner, [2, 1]), (member, [2])):
        versions = send(reader.client(), "GET", f"{path}/versions")
        page = reader.client().get(f"{path}/")

        assert [version["number"] for version in versions.json()["results"]] == numbers
        assert (b"owl" in versions.content + page.content) == (reader is owner)


def test_only_the_newest_versions_are_kept(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "MAX_VERSIONS", 3)
    prompt = prompts.create_prompt(owner.actor, title="A", text="0")

    for number in range(1, 6):
        prompts.change_prompt(owner.actor, prompt_id=prompt.pk, text=str(number))

    assert list(PromptVersion.objects.values_list("number", "text")) == [(6, "5"), (5, "4"), (4, "3")]


def test_a_change_of_what_was_changed_meanwhile_is_refused(owner: Someone) -> None:
    client = owner.client()
    path = f"/prompts/{made(client)['id']}"
    tag = client.get(f"/api/v1{path}")["ETag"]

    first = send(client, "PATCH", path, {"title": "One"}, **{"if-match": tag})
    second = send(client, "PATCH", path, {"title": "Two"}, **{"if-match": tag})

    assert (first.status_code, second.status_code) == (200, 412)
    assert Prompt.objects.get().title == "One"
    assert client.get(f"/api/v1{path}", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_the_same_key_makes_one_prompt(owner: Someone) -> None:
    client = owner.client()

    answers = [send(client, "POST", "/prompts", TICKET, **{"idempotency-key": "k"}) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Prompt.objects.count() == 1


def test_shared_ones_are_read_and_used_and_copied_but_not_changed(owner: Someone, member: Someone) -> None:
    prompt = made(owner.client(), is_shared=True)
    client, path = member.client(), f"/prompts/{prompt['id']}"

    assert client.get(f"/api/v1{path}").json()["is_own"] is False
    values = {"values": {"customer": "Ann", "topic": "post"}}
    assert send(client, "POST", f"{path}/render", values).json()["text"] == "Answer Ann about post.\nTone: warm."
    assert send(client, "PATCH", path, {"title": "Mine"}).status_code == 403
    assert send(client, "POST", f"{path}/restore", {"number": 1}).status_code == 403
    assert send(client, "DELETE", path).status_code == 403
    copy = send(client, "POST", f"{path}/copy").json()
    assert (copy["is_own"], copy["is_shared"], copy["name"]) == (True, False, "answer-a-ticket")
    assert Prompt.objects.get(pk=prompt["id"]).title == TICKET["title"]


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_what_is_not_shared_is_not_there(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    path = f"/prompts/{made(owner.client(), is_shared=who == 'stranger')['id']}"
    client = request.getfixturevalue(who).client()

    answers = [
        send(client, "GET", path), send(client, "PATCH", path, {"title": "Mine"}), send(client, "DELETE", path),
        send(client, "GET", f"{path}/versions"), send(client, "POST", f"{path}/render", {}),
        send(client, "POST", f"{path}/copy"), send(client, "POST", f"{path}/restore", {"number": 1}),
    ]  # fmt: skip

    assert {a.status_code for a in answers} == {404}
    assert client.get("/api/v1/prompts").json()["results"] == []


def test_a_value_that_does_not_fit_is_told_by_name(owner: Someone) -> None:
    client = owner.client()
    path = f"/prompts/{made(client)['id']}/render"

    problem = send(client, "POST", path, {"values": {"tone": "loud", "customer": "Ann", "odd": 1}})

    assert problem.status_code == 422
    body = problem.json()
    assert body["code"] == "prompt_values_invalid"
    assert set(body["errors"]) == {"tone", "topic", "odd"}
    assert body["errors"]["topic"].endswith("Fill this in.")
    assert send(client, "POST", path, {"values": []}).status_code == 422


def test_a_prompt_is_tried_before_it_is_stored(owner: Someone) -> None:
    body = {"text": "Hello {{name}}", "values": {"name": "{{name}}"}}

    answer = send(owner.client(), "POST", "/prompts/preview", body)

    assert answer.json() == {"text": "Hello {{name}}"}
    assert not Prompt.objects.exists()


def test_the_list_is_filtered_and_asks_the_same_however_long(
    owner: Someone, member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        prompts.create_prompt(owner.actor, title=f"Own {number}", text="{{a}}")
        prompts.create_prompt(member.actor, title=f"Theirs {number}", text="b", is_shared=True)
    client = owner.client()

    with django_assert_num_queries(LIST):
        whole = client.get("/api/v1/prompts?limit=20").json()

    assert len(whole["results"]) == 20
    assert len(client.get(f"/api/v1/prompts?limit=20&cursor={whole['next']}").json()["results"]) == 4
    assert [p["title"] for p in client.get("/api/v1/prompts?q=theirs 11").json()["results"]] == ["Theirs 11"]
    assert len(client.get("/api/v1/prompts?is_own=true").json()["results"]) == 12
    assert client.get("/api/v1/prompts?mine=1").status_code == 422


def test_a_key_that_reads_lists_and_changes_nothing(owner: Someone) -> None:
    prompt = made(owner.client())
    _, secret = create_api_key(actor=owner.actor, name="reads", scopes=[Scope.READ])
    headers = {"authorization": f"Bearer {secret}"}

    assert Client().get("/api/v1/prompts", headers=headers).json()["results"][0]["id"] == prompt["id"]
    assert send(Client(), "DELETE", f"/prompts/{prompt['id']}", **headers).status_code == 403
    assert Prompt.objects.filter(pk=UUID(prompt["id"])).exists()
