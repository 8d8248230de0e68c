"""POST /v1/images/generations."""

import base64
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import Budget, LedgerEntry
from apps.inference.models import Price, Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.openai_media import PNG
from tests.doubles.streaming import Script
from tests.gateway.conftest import Answer, MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def artist(provider: Provider, program: Program) -> Program:
    """A program, with models that draw connected."""
    await sync_to_async(offer)(provider, "gpt-image-2", "dall-e-3")
    return program


def offer(provider: Provider, *names: str) -> None:
    """Let a provider draw."""
    provider.catalog += [{"name": name, "capabilities": ["images"]} for name in names]
    provider.save()


async def draw(program: Program, **members: Any) -> Answer:
    return await program("POST", "/v1/images/generations", {"model": "dall-e-3", "prompt": "a temple", **members})


async def test_pictures_come_as_addresses_or_in_base64(artist: Program) -> None:
    by_address = (await draw(artist, n=2)).json()
    inside = (await draw(artist, response_format="b64_json")).json()

    assert [image["url"] for image in by_address["data"]] == ["https://images.example/one.png"] * 2
    assert base64.b64decode(inside["data"][0]["b64_json"]) == PNG


async def test_what_is_asked_for_reaches_the_server(artist: Program, upstream: FakeOpenAI) -> None:
    asked = {
        "n": 3,
        "size": "1536x864",
        "quality": "high",
        "style": "vivid",
        "complexity": "low",
        "output_format": "webp",
        "user": "u",
    }

    answer = await draw(artist, **asked)

    assert answer.headers["x-olympus-provider"] == "Fake"
    assert upstream.log.requests[-1].body == {"model": "dall-e-3", "prompt": "a temple", **asked}


async def test_who_names_no_model_gets_the_first_that_draws(artist: Program, upstream: FakeOpenAI) -> None:
    await artist("POST", "/v1/images/generations", {"prompt": "a temple"})

    assert upstream.log.requests[-1].body["model"] == "gpt-image-2"


async def test_a_picture_comes_step_by_step(artist: Program) -> None:
    answer = await draw(artist, model="gpt-image-2", stream=True, partial_images=2)

    kinds = [event["type"] for event in answer.events()]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]


async def test_pictures_and_tokens_are_charged_by_their_prices(artist: Program, member: Someone) -> None:
    organization_id = member.actor.organization_id
    await sync_to_async(Price.objects.create)(
        organization_id=organization_id, pattern="dall-e-*", image_usd=Decimal("0.04")
    )
    await sync_to_async(Price.objects.create)(
        organization_id=organization_id, pattern="gpt-image-*", input_usd=10, output_usd=40
    )

    await draw(artist, n=2)
    await draw(artist, model="gpt-image-2")

    by_tokens, by_piece = await sync_to_async(lambda: list(LedgerEntry.objects.order_by("-created_at")))()
    assert (by_piece.kind, by_piece.model, by_piece.cost_nanousd) == ("images", "dall-e-3", 80_000_000)
    assert (by_tokens.input_tokens, by_tokens.output_tokens) == (11, 272)
    assert by_tokens.cost_nanousd == 11 * 10_000 + 272 * 40_000
    assert (by_piece.owner_id, by_piece.door, by_piece.provider) == (member.user.pk, "gateway", "Fake")


async def test_a_budget_that_does_not_allow_it_asks_no_server(
    artist: Program, member: Someone, upstream: FakeOpenAI
) -> None:
    organization_id = member.actor.organization_id
    await sync_to_async(Price.objects.create)(organization_id=organization_id, pattern="dall-e-*", image_usd=1)
    await sync_to_async(Budget.objects.create)(
        organization_id=organization_id, subject="organization", metric="cost", period="day", limit=1_500_000_000
    )

    allowed = await draw(artist)
    refused = await draw(artist)

    assert (allowed.status, refused.status, refused.json()["error"]["code"]) == (200, 429, "insufficient_quota")
    assert len(upstream.log.requests) == 1


@pytest.mark.parametrize("fault", ["500", "429:5", "close_at_once", "html", "401"])
async def test_another_server_takes_over_before_the_first_byte(
    artist: Program, member: Someone, upstream: FakeOpenAI, fault: str
) -> None:
    upstream.scripts["dall-e-3"] = Script(fault=fault)
    async with FakeOpenAI() as second:
        await sync_to_async(_second)(member, second)

        answers = [await draw(artist) for _ in range(4)]

    assert {answer.status for answer in answers} == {200}
    assert "Second" in {answer.headers["x-olympus-provider"] for answer in answers}


def _second(member: Someone, server: FakeOpenAI) -> None:
    provider = Provider.objects.create(
        organization_id=member.actor.organization_id, name="Second", kind="openai", base_url=server.base_url
    )
    offer(provider, "dall-e-3")


async def test_what_no_server_can_do_is_told(artist: Program, upstream: FakeOpenAI) -> None:
    upstream.scripts["dall-e-3"] = Script(fault="500")

    answer = await draw(artist)

    assert (answer.status, answer.json()["error"]["type"]) == (502, "server_error")


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"prompt": ""}, "prompt"), ({"prompt": None}, "prompt"), ({"prompt": "x" * 32_001}, "prompt"),
        ({"n": 0}, "n"), ({"n": -1}, "n"), ({"n": 11}, "n"), ({"n": "2"}, "n"),
        ({"size": "huge"}, "size"), ({"size": "0x10"}, "size"), ({"size": "99999x10"}, "size"), ({"size": 5}, "size"),
        ({"response_format": "jpeg"}, "response_format"), ({"partial_images": 9}, "partial_images"),
        ({"model": "fake"}, "model"),
    ],
)  # fmt: skip
async def test_bad_input_is_told_where_it_is(
    artist: Program, upstream: FakeOpenAI, members: dict[str, Any], param: str
) -> None:
    answer = await draw(artist, **members)

    assert (answer.status, answer.json()["error"]["param"]) == (400, param)
    assert not upstream.log.requests


async def test_a_model_nobody_has_is_not_found(artist: Program) -> None:
    answer = await draw(artist, model="nothing")

    assert (answer.status, answer.json()["error"]["code"]) == (404, "model_not_found")


async def test_strangers_and_readers_draw_nothing(
    artist: Program, stranger: Someone, member: Someone, program_of: MakeProgram
) -> None:
    elsewhere = await draw(await program_of(stranger, Scope.WRITE))
    unnamed = await (await program_of(stranger, Scope.WRITE))("POST", "/v1/images/generations", {"prompt": "x"})
    reader = await draw(await program_of(member, Scope.READ))

    assert (elsewhere.status, unnamed.status, reader.status) == (404, 400, 403)
