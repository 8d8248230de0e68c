"""Every call is charged, however it ends."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.facade import BudgetExceeded
from apps.accounts.ledger import settling
from apps.accounts.ledger.rules import forget_rules
from apps.accounts.models import Budget, BudgetWindow, LedgerEntry
from apps.inference.calling.call import Call, Plan, Producer
from apps.inference.calling.charging import charged, counted
from apps.inference.contracts import (
    Caller,
    CallEvent,
    CallOptions,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Finished,
    FinishReason,
    Routed,
    Sampling,
    Switched,
    TextDelta,
    Usage,
)
from apps.inference.engine.estimating import output_tokens_at_most, prompt_tokens
from apps.inference.engine.pricing import Consumed
from apps.inference.errors import ProviderTimeout, StreamCut
from apps.inference.models import Price, Provider
from apps.inference.pricing import add_price, forget_prices
from apps.inference.selectors import BUILTIN
from olympus.kernel.db import in_thread
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
REQUEST = ChatRequest("small", (ChatMessage(ChatRole.USER, "Who lives on the mountain?"),))
USAGE = Usage(1000, 500, 200)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Budgets and prices are remembered for a second, which is longer than a test."""
    forget_rules()
    forget_prices()
    yield
    settling.writer.drain()


def call_of(who: Someone, request: ChatRequest = REQUEST) -> Call:
    caller = Caller(organization_id=who.actor.organization_id, user_id=who.actor.user_id, door="gateway")
    return Call(caller, BUILTIN, request, CallOptions(), Plan((request.model,)))


def producing(*events: CallEvent | BaseException, pause_s: float = 0.0) -> Producer:
    async def produce(_call: Call) -> AsyncGenerator[CallEvent, None]:
        for event in events:
            await asyncio.sleep(pause_s)
            if isinstance(event, BaseException):
                raise event
            yield event

    return produce


def routed(provider: Provider | None = None, cache: str = "") -> Routed:
    return Routed(model="small", provider_id=provider.pk if provider else None, provider_name="Here", cache=cache)


def server(who: Someone, kind: str = "ollama") -> Provider:
    return Provider.objects.create(
        organization_id=who.actor.organization_id, name=kind, kind=kind, base_url="https://api.example.com/v1"
    )


def price(who: Someone, **amounts: Any) -> Price:
    return add_price(who.actor, pattern="small", **{name: Decimal(str(usd)) for name, usd in amounts.items()})


def limit(who: Someone, limit: int, metric: BudgetMetric = BudgetMetric.TOKENS) -> Budget:
    return Budget.objects.create(
        organization_id=who.actor.organization_id,
        subject=BudgetSubject.ORGANIZATION.value,
        metric=metric.value,
        period=BudgetPeriod.DAY.value,
        limit=limit,
    )


async def play(call: Call, produce: Producer, *, most: int = 100) -> list[CallEvent]:
    events: list[CallEvent] = []
    async with aclosing(charged(call, produce)) as stream:
        async for event in stream:
            events.append(event)
            if len(events) == most:
                break
    return events


async def the_entry() -> LedgerEntry:
    await in_thread(settling.writer.drain)
    return await in_thread(LedgerEntry.objects.get)


WORDS = (TextDelta("On Olympus", 3), TextDelta(" they do.", 4))
DONE = Finished(FinishReason.STOP, USAGE)


async def test_an_answer_is_charged_as_the_server_counted_it(owner: Someone) -> None:
    await in_thread(price, owner, input_usd=2, cached_usd=1, output_usd=10)

    await play(call_of(owner), producing(routed(), *WORDS, DONE, pause_s=0.01))

    entry = await the_entry()
    assert (entry.input_tokens, entry.output_tokens, entry.cached_tokens) == (1000, 500, 200)
    assert entry.cost_nanousd == 800 * 2000 + 200 * 1000 + 500 * 10_000
    assert (entry.state, entry.kind, entry.door, entry.provider) == ("complete", "chat", "gateway", "Here")
    assert not entry.is_estimated
    assert entry.ttft_ms is not None
    assert 0 < entry.ttft_ms < entry.latency_ms


async def test_without_the_servers_count_ours_stands(owner: Someone) -> None:
    await play(call_of(owner), producing(routed(), *WORDS, Finished(FinishReason.STOP)))

    entry = await the_entry()
    assert (entry.input_tokens, entry.output_tokens, entry.is_estimated) == (prompt_tokens(REQUEST), 7, True)


async def test_pieces_of_many_tokens_are_not_counted_as_one_each(owner: Someone) -> None:
    pieces = [TextDelta("Many words come at once from here. " * 4, 1)] * 3

    await play(call_of(owner), producing(routed(), *pieces, DONE), most=4)

    entry = await the_entry()
    assert (entry.state, entry.output_tokens, entry.is_estimated) == ("cancelled", 3 * 140 // 8, True)


async def test_a_reader_who_leaves_at_the_end_leaves_a_whole_answer(owner: Someone) -> None:
    await play(call_of(owner), producing(routed(), *WORDS, DONE), most=4)

    assert (await the_entry()).state == "complete"


async def test_a_reader_who_leaves_in_the_middle_is_charged_what_came(owner: Someone) -> None:
    await play(call_of(owner), producing(routed(), *WORDS, DONE), most=2)

    entry = await the_entry()
    assert (entry.state, entry.output_tokens, entry.is_estimated) == ("cancelled", 3, True)


async def test_a_cancelled_task_is_charged_and_gives_its_hold_back(owner: Someone) -> None:
    await in_thread(limit, owner, 100_000)
    has_begun = asyncio.Event()

    async def produce(_call: Call) -> AsyncGenerator[CallEvent, None]:
        yield routed()
        yield WORDS[0]
        has_begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(play(call_of(owner), produce))
    await has_begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (await the_entry()).state == "cancelled"
    window = await in_thread(BudgetWindow.objects.get)
    assert (window.held, window.used) == (0, prompt_tokens(REQUEST) + 3)


async def left_waiting(work: Coroutine[Any, Any, object]) -> LedgerEntry:
    task = asyncio.create_task(work)
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return await the_entry()


async def test_who_goes_away_before_the_first_word_pays_for_what_a_server_reads(owner: Someone) -> None:
    await in_thread(price, owner, input_usd=2)

    entry = await left_waiting(play(call_of(owner), producing(routed(), pause_s=60)))

    assert (entry.state, entry.input_tokens, entry.output_tokens) == ("cancelled", prompt_tokens(REQUEST), 0)
    assert entry.is_estimated
    assert entry.cost_nanousd == 2000 * entry.input_tokens


async def test_who_goes_away_while_a_picture_is_drawn_pays_for_it(owner: Someone) -> None:
    await in_thread(price, owner, image_usd=0.04)

    async def draw() -> None:
        async with counted(call_of(owner).caller, "images", "small", Consumed(image_count=2)):
            await asyncio.sleep(60)

    entry = await left_waiting(draw())

    assert (entry.state, entry.cost_nanousd) == ("cancelled", 80_000_000)


@pytest.mark.parametrize(
    ("events", "state", "code", "tokens"),
    [
        ((ProviderTimeout(),), "error", "provider_timeout", 0),
        ((routed(), ProviderTimeout()), "error", "provider_timeout", 0),
        ((routed(), WORDS[0], StreamCut()), "interrupted", "stream_cut", 3),
        ((routed(), WORDS[0], ValueError("a bug")), "error", "internal", 3),
    ],
)
async def test_a_failure_is_charged_what_came_before_it(
    owner: Someone, events: tuple[Any, ...], state: str, code: str, tokens: int
) -> None:
    with pytest.raises(type(events[-1])):
        await play(call_of(owner), producing(*events))

    entry = await the_entry()
    assert (entry.state, entry.error_code, entry.output_tokens) == (state, code, tokens)
    assert bool(entry.input_tokens) == bool(tokens)


async def test_a_cached_answer_costs_its_request_alone(owner: Someone) -> None:
    await in_thread(price, owner, input_usd=2, output_usd=10)

    await play(call_of(owner), producing(routed(cache="exact"), *WORDS, DONE))

    entry = await the_entry()
    assert (entry.cache, entry.cost_nanousd, entry.input_tokens, entry.output_tokens) == ("exact", 0, 0, 0)
    assert entry.cached_tokens == 1500


async def test_who_finishes_an_answer_is_who_is_paid(owner: Someone) -> None:
    other = await in_thread(server, owner, "openai")
    switched = Switched(
        model="small", provider_id=other.pk, provider_name="There", failed_name="Here", error_code="stream_cut"
    )

    await play(call_of(owner), producing(routed(), WORDS[0], switched, WORDS[1], DONE))

    entry = await the_entry()
    assert (entry.provider, entry.provider_id) == ("There", other.pk)


@pytest.mark.parametrize(("kind", "is_ours"), [("ollama", True), ("openai", False)])
async def test_ones_own_hardware_is_counted_in_time(owner: Someone, kind: str, *, is_ours: bool) -> None:
    provider = await in_thread(server, owner, kind)

    await play(call_of(owner), producing(routed(provider), *WORDS, DONE, pause_s=0.02))

    assert bool((await the_entry()).gpu_ms) == is_ours


async def test_what_a_budget_does_not_allow_is_not_asked(owner: Someone) -> None:
    await in_thread(limit, owner, 100)

    with pytest.raises(BudgetExceeded):
        await play(call_of(owner), producing(AssertionError("it was asked")))

    assert not await in_thread(LedgerEntry.objects.exists)


async def test_a_budget_of_money_holds_the_dearest_it_can_be(owner: Someone) -> None:
    await in_thread(price, owner, output_usd=1_000)
    await in_thread(limit, owner, 2_047_000_000, BudgetMetric.COST)

    with pytest.raises(BudgetExceeded):
        await play(call_of(owner), producing(AssertionError("it was asked")))


def test_an_answer_is_taken_for_as_long_as_asked_or_as_there_is_room() -> None:
    assert output_tokens_at_most(REQUEST, 8192, 100) == 2048
    assert output_tokens_at_most(REQUEST, 1000, 100) == 900


def test_a_prompt_that_is_longer_than_is_known_to_fit_is_held_for_its_answer_too() -> None:
    asked = replace(REQUEST, sampling=Sampling(max_tokens=100_000))

    assert output_tokens_at_most(REQUEST, 100, 500) == 2048
    assert output_tokens_at_most(asked, 8192, 9000) == 100_000


async def test_calls_of_other_kinds_say_what_they_used(owner: Someone) -> None:
    await in_thread(price, owner, image_usd=0.04)
    caller = call_of(owner).caller

    async with counted(caller, "images", "small", Consumed(image_count=2)) as bill:
        bill.answered_by("small", None, "Here")
        bill.used(Consumed(image_count=2))

    entry = await the_entry()
    assert (entry.kind, entry.cost_nanousd, entry.state) == ("images", 80_000_000, "complete")


async def test_a_length_nobody_told_is_charged_as_an_estimate(owner: Someone) -> None:
    async with counted(call_of(owner).caller, "speech", "small", Consumed()) as bill:
        bill.used(Consumed(audio_ms=5_000), is_estimated=True)

    assert (await the_entry()).is_estimated


async def test_calls_of_other_kinds_that_fail_are_charged_a_request(owner: Someone) -> None:
    with pytest.raises(ProviderTimeout):
        async with counted(call_of(owner).caller, "speech", "small", Consumed()):
            raise ProviderTimeout

    entry = await the_entry()
    assert (entry.state, entry.error_code, entry.run_id) == ("error", "provider_timeout", None)


async def test_a_call_of_nobody_known_ends_as_it_would(owner: Someone) -> None:
    call = call_of(owner)
    call = Call(
        Caller(organization_id=uuid4(), user_id=uuid4(), door="chat"),
        call.choice,
        call.request,
        call.options,
        call.plan,
    )

    assert await play(call, producing(routed(), DONE)) == [routed(), DONE]
