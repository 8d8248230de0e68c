"""What a program names and its key allows holds for every address that asks a model."""

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
