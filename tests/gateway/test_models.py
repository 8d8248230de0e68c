"""GET /v1/models."""

import pytest

from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.gateway.conftest import MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_models_of_every_server_are_listed_once(program: Program) -> None:
    answer = await program("GET", "/v1/models")

    listed = [model["id"] for model in answer.json()["data"]]
    assert answer.status == 200
    assert {"fake", "gpt-4o-mini", "text-embedding-3-small"} <= set(listed)
    assert len(listed) == len(set(listed))


async def test_one_model_is_told_of(program: Program) -> None:
    answer = await program("GET", "/v1/models/fake")

    assert answer.json()["id"] == "fake"
    assert answer.json()["object"] == "model"


async def test_a_key_sees_the_models_it_may_use(member: Someone, provider: Provider, program_of: MakeProgram) -> None:
    program = await program_of(member, Scope.READ, allowed_models=("fake",))

    listed = (await program("GET", "/v1/models")).json()["data"]
    other = await program("GET", "/v1/models/gpt-4o-mini")

    assert [model["id"] for model in listed] == ["fake"]
    assert other.status == 404
    assert other.json()["error"]["code"] == "model_not_found"
