"""Embedding through the facade: which model, what is known, what is charged."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from apps.accounts.models import LedgerEntry
from apps.inference import facade
from apps.inference.contracts import Caller, Capability, ModelInfo
from apps.inference.embedding.vectors import keep_vectors, known_vectors
from apps.inference.errors import ModelNotFound, ProviderUnreachable
from apps.inference.models import Provider, catalog_of
from olympus.kernel.db import in_thread
from olympus.kernel.errors import Invalid
from olympus.kernel.http import close_sessions
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


async def provide(who: Someone, name: str, url: str, *models: str, digest: str = "") -> None:
    infos = [ModelInfo(model, frozenset({Capability.EMBEDDINGS}), digest=digest) for model in models]
    row = {"name": name, "kind": "ollama", "base_url": url, "catalog": catalog_of(infos)}
    await in_thread(Provider.objects.create, organization_id=who.actor.organization_id, **row)


async def charges() -> list[dict[str, Any]]:
    fields = ("kind", "model", "provider", "cache", "input_tokens", "state")
    return await in_thread(lambda: list(LedgerEntry.objects.order_by("id").values(*fields)))


async def until_known(who: Someone, model: str, text: str, *, digest: str = "") -> None:
    for _ in range(200):
        if (await known_vectors(who.actor.organization_id, f"{model}@{digest}", [text]))[0]:
            return
    raise AssertionError("it was not kept")


def texts_sent(server: FakeOllama) -> list[list[str]]:
    return [request.body["input"] for request in server.log.requests if request.path == "/api/embed"]


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
    assert texts_sent(server) == [["ab", "abc"], ["new"]]
    assert [charge["cache"] for charge in await charges()] == ["", "exact", ""]


async def test_what_one_organization_had_embedded_is_unknown_to_another(owner: Someone, stranger: Someone) -> None:
    await facade.embed_call(caller_of(owner), ["a secret"])
    await until_known(owner, "all-minilm-l6-v2", "a secret")

    assert await known_vectors(stranger.actor.organization_id, "all-minilm-l6-v2@", ["a secret"]) == [None]


async def test_another_server_of_the_same_model_takes_over_and_another_model_never(
    owner: Someone, server: FakeOllama
) -> None:
    await provide(owner, "Dead", "http://127.0.0.1:9", "fake-embed", "other-embed")
    await provide(owner, "One", server.url, "fake-embed")

    answer = await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")

    assert answer.vectors[0][0] == 2.0
    with pytest.raises(ProviderUnreachable):
        await facade.embed_call(caller_of(owner), ["ab"], "other-embed")


async def test_another_model_of_the_same_name_never_takes_over(owner: Someone, server: FakeOllama) -> None:
    await provide(owner, "Dead", "http://127.0.0.1:9", "fake-embed", digest="a80c")
    await provide(owner, "Other", server.url, "fake-embed", digest="77f1")

    with pytest.raises(ProviderUnreachable):
        await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")

    assert texts_sent(server) == []


async def test_a_model_that_was_pulled_anew_is_asked_for_all_anew(owner: Someone, server: FakeOllama) -> None:
    await provide(owner, "One", server.url, "fake-embed", digest="a80c")
    await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")
    await until_known(owner, "fake-embed", "ab", digest="a80c")
    await in_thread(Provider.objects.all().delete)
    await provide(owner, "One", server.url, "fake-embed", digest="77f1")

    await facade.embed_call(caller_of(owner), ["ab"], "fake-embed")

    assert texts_sent(server) == [["ab"], ["ab"]]


@pytest.mark.parametrize("kept", [{"ab": 5}, {"ab": 5, "abc": 4}, {"ab": 5, "abc": 3}])
async def test_vectors_kept_of_another_model_on_a_server_without_digests_are_made_anew(
    owner: Someone, server: FakeOllama, kept: dict[str, int]
) -> None:
    await provide(owner, "One", server.url, "fake-embed")
    keep_vectors(owner.actor.organization_id, "fake-embed@", {text: (1.0,) * length for text, length in kept.items()})
    await until_known(owner, "fake-embed", "ab")

    answer = await facade.embed_call(caller_of(owner), ["ab", "abc"], "fake-embed")

    assert [vector[0] for vector in answer.vectors] == [2.0, 3.0]


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
    answer = await facade.embed_call(caller_of(owner), ["a\ud800b\x00"])

    assert len(answer.vectors[0]) == 384
