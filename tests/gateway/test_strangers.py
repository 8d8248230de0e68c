"""Who may not: every address of the gateway, knocked at by those it is not for."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.accounts.models import ApiKey, Membership
from apps.gateway.asgi import ROUTES
from apps.inference.models import Provider
from olympus.kernel.actor import Role, Scope
from tests.doubles.fake_openai import FakeOpenAI
from tests.gateway.conftest import MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)

DOORS = sorted((method, f"{path}fake" if path.endswith("/") else path) for method, path in ROUTES.paths())
BODY = {"model": "fake", "messages": [{"role": "user", "content": "Hello"}], "input": "Hello", "prompt": "Hello"}
WRONG_KEYS: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer nonsense"},
    {"authorization": "Basic YTpi"},
    {"x_api_key": "x" * 9000},
]
OPEN_TO_ALL = {("GET", "/api/version"), ("HEAD", "/api/version")}


async def test_nobody_comes_in_without_a_key(provider: Provider, program_of: MakeProgram) -> None:
    program = await program_of(None)
    doors = [door for door in DOORS if door not in OPEN_TO_ALL]

    answers = {
        (method, path, str(headers)[:40]): await program(method, path, BODY if method == "POST" else None, **headers)
        for method, path in doors
        for headers in WRONG_KEYS
    }

    assert {door: answer.status for door, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {answer.headers["www-authenticate"] for answer in answers.values()} == {"Bearer"}


async def test_the_version_is_told_to_anybody_and_counted_by_address(program_of: MakeProgram) -> None:
    program = await program_of(None)

    answers = [await program(*door, **headers) for door in sorted(OPEN_TO_ALL) for headers in WRONG_KEYS]

    assert [answer.status for answer in answers] == [200] * len(answers)
    assert answers[0].json() == {"version": "0.12.3"}
    assert {answer.headers["ratelimit-policy"].partition(";")[0] for answer in answers} == {'"anonymous"'}


async def test_a_key_that_only_reads_calls_nothing(
    member: Someone, provider: Provider, program_of: MakeProgram, upstream: FakeOpenAI
) -> None:
    program = await program_of(member, Scope.READ)
    calls = [door for door in DOORS if door[0] == "POST" and door[1] != "/api/show"]

    statuses = {door: (await program(*door, BODY)).status for door in calls}

    assert statuses == dict.fromkeys(calls, 403)
    assert not upstream.log.requests


async def test_a_viewer_calls_nothing(
    member: Someone, provider: Provider, program_of: MakeProgram, upstream: FakeOpenAI
) -> None:
    program = await program_of(member, Scope.WRITE)
    await sync_to_async(Membership.objects.filter(user=member.user).update)(role=Role.VIEWER.value)

    answer = await program.chat("Hello")

    assert answer.status == 403
    assert not upstream.log.requests


async def test_another_organizations_models_are_not_there(
    stranger: Someone, provider: Provider, program_of: MakeProgram, upstream: FakeOpenAI
) -> None:
    program = await program_of(stranger, Scope.WRITE)

    listed = await program("GET", "/v1/models")
    answer = await program.chat("Hello")

    assert "fake" not in [model["id"] for model in listed.json()["data"]]
    assert (answer.status, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert not upstream.log.requests


async def test_a_key_calls_the_models_it_may(
    member: Someone, provider: Provider, program_of: MakeProgram, upstream: FakeOpenAI
) -> None:
    program = await program_of(member, Scope.WRITE, allowed_models=("fake",))

    allowed = await program.chat("Hello")
    refused = await program.chat("Hello", model="gpt-4o-mini")
    qualified = await program.chat("Hello", model="Fake/gpt-4o-mini")
    tiers = [await program.chat("Hello", model=name) for name in ("auto", "fast", "powerful")]

    assert allowed.status == 200
    assert (refused.status, refused.json()["error"]["code"]) == (404, "model_not_found")
    assert qualified.status == 404
    assert {request.body["model"] for request in upstream.log.requests} == {"fake"}
    assert [answer.status for answer in tiers] == [200] * 3


@pytest.mark.parametrize("ending", ["revoked_at", "expires_at"])
async def test_a_key_that_is_over_ends_within_a_second(program: Program, ending: str) -> None:
    before = await program("GET", "/v1/models")
    long_ago = timezone.now() - timedelta(seconds=1)
    changes = {ending: long_ago, "created_at": long_ago - timedelta(days=1)}
    await sync_to_async(ApiKey.objects.filter(name="a program").update)(**changes)

    statuses = [before.status]
    end = timezone.now() + timedelta(seconds=1.5)
    while statuses[-1] == 200 and timezone.now() < end:
        statuses.append((await program("GET", "/v1/models")).status)

    assert statuses[0] == 200
    assert statuses[-1] == 401
