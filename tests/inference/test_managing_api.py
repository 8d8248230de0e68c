"""Models managed by programs: done once a key, a page at a time, refused in words, and by nobody else."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.inference.contracts import ModelInfo
from apps.inference.engine.wire import Timeouts
from apps.inference.managing.rules import limit_model
from apps.inference.models import ModelJob, Provider, catalog_of
from apps.inference.services import refresh
from tests.doubles.fake_ollama import FakeOllama
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
Start = Callable[[FakeOllama], FakeOllama]
VERBS = ("pulls", "load", "unload", "delete", "copy", "creations")
REST: dict[str, dict[str, str]] = {"copy": {"name": "twin"}, "creations": {"base": "fake"}}


@pytest.fixture
def ollama(in_background: Start) -> FakeOllama:
    return in_background(FakeOllama())


@pytest.fixture
def home(owner: Someone, ollama: FakeOllama) -> Provider:
    provider = provide(owner, base_url=ollama.url)
    refresh([provider], Timeouts())
    return provider


def provide(owner: Someone, **values: Any) -> Provider:
    defaults = {"name": "Home", "kind": "ollama", "base_url": "http://127.0.0.1:9"}
    return Provider.objects.create(organization_id=owner.actor.organization_id, **{**defaults, **values})


def post(who: Someone, verb: str, body: Any, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    data = body if isinstance(body, str) else json.dumps(body)
    return who.client().post(f"/api/v1/models/{verb}", data, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("verb", "path"),
    [("copy", "/api/copy"), ("delete", "/api/delete"), ("unload", "/api/generate"), ("load", ""), ("pulls", "")],
)
def test_what_is_sent_twice_is_done_once(
    owner: Someone, home: Provider, ollama: FakeOllama, verb: str, path: str
) -> None:
    body = {"provider": str(home.pk), "model": "fake", **REST.get(verb, {})}

    first, again = post(owner, verb, body, "k"), post(owner, verb, body, "k")
    other = post(owner, verb, {**body, "model": "fake-vision"}, "k")

    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert first.status_code in {201, 204}
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len([request for request in ollama.log.requests if request.path == path]) == (1 if path else 0)
    assert ModelJob.objects.count() == (0 if path else 1)


def test_what_failed_may_be_tried_again_under_its_key(owner: Someone, home: Provider) -> None:
    body = {"provider": str(home.pk), "model": "gone"}

    failed = post(owner, "delete", body, "k")
    Provider.objects.filter(pk=home.pk).update(catalog=catalog_of([ModelInfo("gone:latest")]))

    assert failed.status_code == 404
    assert post(owner, "delete", body, "k").status_code == 204


def test_models_and_rules_are_listed_a_page_at_a_time(owner: Someone) -> None:
    names = [f"m{number}:1b" for number in range(5)]
    first = provide(owner, catalog=catalog_of([ModelInfo(name) for name in reversed(names)]))
    second = provide(owner, name="Attic", catalog=catalog_of([ModelInfo(name) for name in names[:2]]))
    for name in names:
        limit_model(owner.actor, model=name, roles=["member"], user_ids=[])

    models, rules = all_of(owner, "installed", limit=3), all_of(owner, "access", limit=2)

    assert [(row["provider"], row["model"]) for row in models] == sorted(
        [*((str(first.pk), name) for name in names), *((str(second.pk), name) for name in names[:2])]
    )
    assert [row["model"] for row in rules] == names


def all_of(who: Someone, place: str, *, limit: int) -> list[dict[str, Any]]:
    client, rows, cursor = who.client(), [], ""
    while cursor is not None:
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        page = client.get(f"/api/v1/models/{place}", query).json()
        assert len(page["results"]) <= limit
        rows, cursor = [*rows, *page["results"]], page["next"]
    return rows


@pytest.mark.parametrize("place", ["installed", "pulls", "access"])
@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "cursor=made-up", "cursor=%00", "page=2"])
def test_a_page_there_is_not_is_refused(owner: Someone, place: str, query: str) -> None:
    assert owner.client().get(f"/api/v1/models/{place}?{query}").status_code == 422


def test_a_cursor_is_of_its_list(owner: Someone) -> None:
    provide(owner, catalog=catalog_of([ModelInfo("a"), ModelInfo("b")]))
    cursor = owner.client().get("/api/v1/models/installed?limit=1").json()["next"]

    assert owner.client().get("/api/v1/models/access", {"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_no_model_or_server_is_refused_in_words(owner: Someone, verb: str) -> None:
    provider = provide(owner, catalog=catalog_of([ModelInfo("fake")]))
    for field, wrong in [
        *(("model", value) for value in ("", "x" * 301, 7, ["fake"], {"a": 1}, None, True)),
        *(("provider", value) for value in ("Home", [str(provider.pk)], None)),
    ]:
        body = {"provider": str(provider.pk), "model": "fake", **REST.get(verb, {}), field: wrong}

        refused = post(owner, verb, body)

        assert (refused.status_code, refused.json().get("field")) == (422, field), wrong
    assert not ModelJob.objects.exists()


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_nowhere_is_not_found(owner: Someone, verb: str) -> None:
    provider = provide(owner)
    rest = REST.get(verb, {})

    nowhere = post(owner, verb, {"provider": str(uuid4()), "model": "fake", **rest})
    nothing = post(owner, verb, {"provider": str(provider.pk), "model": "a\0b", **rest})
    garbage = [post(owner, verb, body).status_code for body in ("[" * 100_000, '{"model": "\\ud800"}', "[]")]

    assert nowhere.status_code == 404
    assert nothing.status_code == (422 if verb in {"pulls", "creations"} else 404)
    assert set(garbage) <= {400, 422}


@pytest.mark.parametrize("verb", VERBS)
def test_neither_members_nor_strangers_change_anything(
    owner: Someone, member: Someone, stranger: Someone, verb: str
) -> None:
    provider = provide(owner, catalog=catalog_of([ModelInfo("fake")]))
    body = {"provider": str(provider.pk), "model": "fake", **REST.get(verb, {})}

    assert (post(member, verb, body).status_code, post(stranger, verb, body).status_code) == (403, 404)
    assert not ModelJob.objects.exists()


def test_neither_members_nor_strangers_read_anything(owner: Someone, member: Someone, stranger: Someone) -> None:
    provide(owner, catalog=catalog_of([ModelInfo("fake")]))
    limit_model(owner.actor, model="fake", roles=["admin"], user_ids=[])

    for place in ("installed", "pulls", "access"):
        assert member.client().get(f"/api/v1/models/{place}").status_code == 403
        assert stranger.client().get(f"/api/v1/models/{place}").json() == {"results": [], "next": None}
