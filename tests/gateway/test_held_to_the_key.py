"""What a program names and its key allows holds for every address that asks a model."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from apps.inference.models import Provider
from tests.doubles.fake_openai import FakeOpenAI
from tests.gateway.conftest import MakeProgram, connect
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_server_that_was_named_is_the_only_one_that_reads_texts_in_ollamas_shape(
    member: Someone, owner: Someone, provider: Provider, upstream: FakeOpenAI, program_of: MakeProgram
) -> None:
    async with FakeOpenAI() as other:
        await sync_to_async(connect)(owner, other.base_url, name="Other")
        name = "Other/text-embedding-3-small"
        program = await program_of(member, allowed_models=(name,))

        for number in range(6):
            many = await program("POST", "/api/embed", {"model": name, "input": f"secret {number}"})
            one = await program("POST", "/api/embeddings", {"model": name, "prompt": f"another {number}"})
            assert (many.status, one.status) == (200, 200)

        assert len(other.log.requests) == 12
        assert not upstream.log.requests


HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"model": "Other/fake", **HELLO}),
        ("/v1/responses", {"model": "Other/fake", "input": "Hello"}),
        ("/v1/messages", {"model": "Other/fake", **HELLO, "max_tokens": 9}),
        ("/api/chat", {"model": "Other/fake", **HELLO}),
        ("/api/generate", {"model": "Other/fake", "prompt": "Hello"}),
        ("/v1/images/generations", {"prompt": "who names no model gets the first it may use"}),
    ],
)
async def test_a_key_held_to_one_servers_models_reaches_no_other_server(
    member: Someone,
    owner: Someone,
    provider: Provider,
    upstream: FakeOpenAI,
    program_of: MakeProgram,
    path: str,
    body: Any,
) -> None:
    async with FakeOpenAI() as other:
        second = await sync_to_async(connect)(owner, other.base_url, name="Other")
        for each in (provider, second):
            each.catalog += [{"name": "gpt-image-2", "capabilities": ["images"]}]
            await sync_to_async(each.save)()
        program = await program_of(member, allowed_models=("Other/fake", "Other/gpt-image-2"))

        answers = [await program("POST", path, body) for _ in range(6)]
        refused = [await program("POST", path, {**body, "model": name}) for name in ("fake", "gpt-image-2")]

        assert {answer.headers.get("x-olympus-provider") for answer in answers} == {"Other"}
        assert [answer.status for answer in refused] == [404, 404]
        assert not upstream.log.requests
