"""GET /v1/models."""

import pytest
from asgiref.sync import sync_to_async

from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_openai import FakeOpenAI
from tests.gateway.conftest import MakeProgram, Program, connect
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


VIRTUAL = ["auto", "fast", "balanced", "powerful"]
NAMES = [*VIRTUAL, "fake", "gpt-4o-mini", "Fake/fake", "Other/fake", "olympus-builtin"]


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (["fake"], [*VIRTUAL, "fake"]),
        (["fake:latest"], [*VIRTUAL, "fake"]),
        (["Other/fake"], ["Other/fake"]),
        (["Other/fake", "Fake/fake"], ["Fake/fake", "Other/fake"]),
        (["Other/fake", "gpt-4o-mini"], [*VIRTUAL, "gpt-4o-mini", "Other/fake"]),
        (["text-embedding-3-small"], ["text-embedding-3-small"]),
        (["auto"], VIRTUAL),
        (["fast"], VIRTUAL),
        (["Nowhere/fake", "gone"], []),
    ],
)
async def test_a_key_sees_by_name_what_it_may_call_and_nothing_else(
    member: Someone, owner: Someone, provider: Provider, program_of: MakeProgram, allowed: list[str], names: list[str]
) -> None:
    async with FakeOpenAI() as other:
        await sync_to_async(connect)(owner, other.base_url, name="Other")
        program = await program_of(member, Scope.READ, Scope.WRITE, allowed_models=tuple(allowed))

        listed = [model["id"] for model in (await program("GET", "/v1/models")).json()["data"]]
        tags = [model["name"] for model in (await program("GET", "/api/tags")).json()["models"]]
        told = {name: await program("GET", f"/v1/models/{name}") for name in NAMES}
        called = {name: (await program.chat("Hello", model=name)).status for name in NAMES}

    # Who may use a model may have it of any server, by a longer name that is not listed.
    usable = [name for name in NAMES if {name, name.removeprefix("Fake/").removeprefix("Other/")} & set(names)]
    assert listed == tags == names
    assert [name for name, answer in told.items() if answer.status == 200] == usable
    assert all(answer.json().get("id", name) == name for name, answer in told.items())
    assert [name for name, status in called.items() if status == 200] == usable
