"""Embedding through the facade: which model, what is known, what is charged."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import LedgerEntry
from apps.inference import facade
from apps.inference.contracts import Caller, Capability, ModelInfo
from apps.inference.embedding.vectors import known_vectors, vector_store
from apps.inference.errors import ModelNotFound, ProviderUnreachable
from apps.inference.models import Provider, catalog_of
from olympus.kernel.db import in_thread
from olympus.kernel.errors import Invalid
from olympus.kernel.http import close_sessions
from olympus.kernel.valkey import valkey
from tests.doubles.fake_ollama import FakeOllama
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


def caller_of(who: Someone) -> Caller:
    return Caller(organization_id=who.actor.organization_id, user_id=who.actor.user_id, door="gateway")


@pytest.fixture
async def server() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as started:
        yield started
        await close_sessions()


async def provide(who: Someone, name: str, url: str, *models: str) -> None:
    infos = [ModelInfo(model, frozenset({Capability.EMBEDDINGS})) for model in models]
    row = {"name": name, "kind": "ollama", "base_url": url, "catalog": catalog_of(infos)}
    await in_thread(Provider.objects.create, organization_id=who.actor.organization_id, **row)


async def charges() -> list[dict[str, Any]]:
    fields = ("kind", "model", "provider", "cache", "input_tokens", "state")
    return await in_thread(lambda: list(LedgerEntry.objects.order_by("id").values(*fields)))


async def until_known(who: Someone, model: str, text: str) -> None:
    for _ in range(200):
        if (await known_vectors(who.actor.organization_id, model, [text]))[0]:
            return
    raise AssertionError("it was not kept")


async def test_without_a_provider_the_built_in_embedder_answers_and_is_charged(owner: Someone) -> None:
    answer = await facade.embed_call(caller_of(owner), ["hello world", "hello world", ""])

    assert answer.model == "all-minilm-l6-v2"
    assert [len(vector) for vector in answer.vectors] == [384] * 3
    assert answer.vectors[0] == answer.vectors[1] != answer.vectors[2]
    [charge] = await charges()
    assert (charge["kind"], charge["model"], charge["provider"]) == ("embeddings", "all-minilm-l6-v2", "Olympus")
    assert charge["input_tokens"] == answer.prompt_tokens == 6


async def test_a_provider_s_embedder_comes_first_and_both_can_be_named(owner: Someone, server: FakeOllama) -> None:
    await provide(owner, "One", server.url, "fake-embed")

    first = await facade.embed_call(caller_of(owner), ["ab", "abc"])
    named = await facade.embed_call(caller_of(owner), ["ab"], "Olympus/all-minilm-l6-v2")

    assert first.model == "fake-embed"
    assert [vector[0] for vector in first.vectors] == [2.0, 3.0]
    assert len(named.vectors[0]) == 384


async def test_a_known_text_is_not_sent_again_and_costs_nothing(owner: Someone, server: FakeOllama) -> None:
    await provide(owner, "One", server.url, "fake-embed")
    first = await facade.embed_call(caller_of(owner), ["ab", "abc"], "fake-embed")
    await until_known(owner, "fake-embed", "abc")

    again = await facade.embed_call(caller_of(owner), ["abc", "ab", "abc"], "fake-embed")
    mixed = await facade.embed_call(caller_of(owner), ["abc", "new"], "fake-embed")

    assert again.vectors == (first.vectors[1], first.vectors[0], first.vectors[1])
    assert again.prompt_tokens == 0
    assert mixed.vectors[0] == first.vectors[1]
    sent = [request.body["input"] for request in server.log.requests if request.path == "/api/embed"]
    assert sent == [["ab", "abc"], ["new"]]
    assert [charge["cache"] for charge in await charges()] == ["", "exact", ""]


async def test_what_one_organization_had_embedded_is_unknown_to_another(owner: Someone, stranger: Someone) -> None:
    await facade.embed_call(caller_of(owner), ["a secret"])
    await until_known(owner, "all-minilm-l6-v2", "a secret")

    assert await known_vectors(stranger.actor.organization_id, "all-minilm-l6-v2", ["a secret"]) == [None]


async def test_another_server_of_the_same_model_takes_over_and_another_model_never(
    owner: Someone, server: FakeOllama
) -> None:
    await provide(owner, "Dead", "http://127.0.0.1:9", "fake-embed", "other-embed")
    await provide(owner, "One", server.url, "fake-embed")

    answer = await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")

    assert answer.vectors[0][0] == 2.0
    with pytest.raises(ProviderUnreachable):
        await facade.embed_call(caller_of(owner), ["ab"], "other-embed")


async def test_a_server_that_has_another_model_of_the_name_by_now_is_asked_for_all_anew(
    owner: Someone, server: FakeOllama
) -> None:
    await provide(owner, "One", server.url, "fake-embed")
    member = f"{owner.actor.organization_id.hex}:"
    await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")
    await until_known(owner, "fake-embed", "ab")
    [key] = [key for key in vector_keys() if member in key]
    await in_thread(vector_store().put, {key.partition(":")[2].partition(":")[2]: bytes(4 * 5)}, keep_s=60)

    answer = await facade.embed_call(caller_of(owner), ["ab", "abc"], "fake-embed")

    assert len({len(vector) for vector in answer.vectors}) == 1
    assert answer.vectors[0][0] == 2.0


def vector_keys() -> list[str]:
    return [key.decode() for key in valkey().keys("cache:vectors:*:*")]


@pytest.mark.parametrize(
    ("texts", "model", "error"),
    [
        (["x"] * 2049, None, Invalid),
        (["x" * (5 << 20)], None, Invalid),
        (["x"], "olympus-builtin", Invalid),
        (["x"], "nobody-has-this", ModelNotFound),
    ],
)
async def test_too_much_and_models_that_do_not_embed_are_refused(
    owner: Someone, texts: list[str], model: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await facade.embed_call(caller_of(owner), texts, model)

    assert await charges() == []


async def test_text_that_cannot_be_written_is_embedded_all_the_same(owner: Someone) -> None:
    answer = await facade.embed(uuid4(), ["a\ud800b\x00"])

    assert len(answer.vectors[0]) == 384
