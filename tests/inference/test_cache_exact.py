"""The exact cache: the same request of the same person is answered once."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from apps.inference.caching.bounded import BoundedStore, availability
from apps.inference.caching.exact import answer_store, forget_near_answers
from apps.inference.caching.standing import forget_standing
from apps.inference.calling.caching import cached
from apps.inference.calling.call import Plan
from apps.inference.contracts import (
    Finished,
    ProviderKind,
    Routed,
    Switched,
    TextDelta,
    ThinkingDelta,
    TierName,
    ToolCall,
    ToolCallRequested,
    ToolSpec,
    Usage,
)
from apps.inference.errors import StreamCut
from olympus.kernel.db import in_thread
from olympus.kernel.options import change_option
from tests.inference.caching import CHOICE, CountingModel, a_call, ask, cache_of, organization_of, ready, text_of
from tests.support.cast import Someone, someone

pytestmark = pytest.mark.django_db(transaction=True)


async def set_option(who: Someone, name: str, value: Any) -> None:
    await in_thread(change_option, name, value, changed_by_id=None)
    forget_standing(organization_of(who))


async def until_stored(who: Someone) -> None:
    """What is kept in Valkey is written by a thread nobody waits for."""
    for _ in range(200):
        if answer_store().size(organization_of(who)).entry_count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing was stored")


async def test_the_same_request_is_answered_again_without_asking(owner: Someone) -> None:
    model = CountingModel()
    first = await ask(a_call(owner), model)

    again = await ask(a_call(owner, "  Who lives there?  "), model)

    assert len(model.asked) == 1
    assert cache_of(first) == ""
    assert cache_of(again) == "exact"
    assert text_of(again) == text_of(first) == "The mountain."
    assert [type(event) for event in again] == [Routed, ThinkingDelta, TextDelta, Finished]
    assert isinstance(again[-1], Finished)
    assert again[-1].usage == Usage(11, 4, 2)
    assert isinstance(again[2], TextDelta)
    assert again[2].token_count == 2


async def test_another_process_finds_it_in_valkey_with_model_tier_and_reasons(owner: Someone) -> None:
    model = CountingModel()
    await ask(a_call(owner), model)
    await until_stored(owner)
    forget_near_answers()

    again = await ask(a_call(owner, plan=Plan(("marble",), TierName.FAST, ("It is short.",))), model)

    assert len(model.asked) == 1
    routed = again[0]
    assert isinstance(routed, Routed)
    assert (routed.model, routed.provider_name, routed.tier, routed.cache) == ("marble", "Quarry", "fast", "exact")
    assert routed.reasons[0] == "It is short."
    assert "answer given then" in routed.reasons[-1]


async def test_nobody_gets_another_s_answer_within_or_across_organizations(
    owner: Someone, member: Someone, stranger: Someone
) -> None:
    model = CountingModel()

    for who in (owner, member, stranger):
        assert cache_of(await ask(a_call(who), model)) == ""

    assert len(model.asked) == 3


async def test_keys_share_answers_of_one_organization_only_where_the_owner_says_so(
    owner: Someone, member: Someone, stranger: Someone
) -> None:
    model = CountingModel()
    await ask(a_call(owner, door="gateway"), model)
    assert cache_of(await ask(a_call(member, door="gateway"), model)) == ""

    await set_option(owner, "inference.cache_shared", True)
    forget_standing(organization_of(stranger))
    await ask(a_call(owner, door="gateway"), model)

    assert cache_of(await ask(a_call(member, door="gateway"), model)) == "exact"
    assert cache_of(await ask(a_call(member, "Mine", door="chat"), model)) == ""
    assert cache_of(await ask(a_call(owner, "Mine", door="chat"), model)) == ""
    assert cache_of(await ask(a_call(stranger, door="gateway"), model)) == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"tools": (ToolSpec("t", "", {}),)},
        {"extra": {"n": 2}},
        {"choice": replace(CHOICE, kind=ProviderKind.BUILTIN, provider_id=None)},
    ],
)
async def test_tools_several_answers_and_the_built_in_engine_are_never_cached(
    owner: Someone, changes: dict[str, Any]
) -> None:
    model = CountingModel()

    for _ in range(2):
        assert cache_of(await ask(a_call(owner, **changes), model)) == ""

    assert len(model.asked) == 2


async def test_a_bypass_asks_anew_and_its_answer_replaces_the_old(owner: Someone) -> None:
    await ask(a_call(owner), CountingModel(("Old.",)))

    fresh = await ask(a_call(owner, may_cache=False), CountingModel(("New.",)))

    assert text_of(fresh) == "New."
    assert text_of(await ask(a_call(owner), CountingModel(("Unasked.",)))) == "New."


async def test_what_may_not_be_stored_is_not_but_may_be_found(owner: Someone) -> None:
    model = CountingModel()
    await ask(a_call(owner, may_store=False), model)
    await ask(a_call(owner, may_store=False, may_cache=False), model)

    await ask(a_call(owner), model)
    found = await ask(a_call(owner, may_store=False), model)

    assert len(model.asked) == 3
    assert cache_of(found) == "exact"


@pytest.mark.parametrize(
    "model",
    [
        CountingModel(extra_events=(ToolCallRequested(ToolCall("1", "t", {})),)),
        CountingModel(
            extra_events=(
                Switched(model="marble", provider_id=None, provider_name="B", failed_name="A", error_code="stream_cut"),
            )
        ),
        CountingModel(model="stand-in"),
        CountingModel(texts=()),
        CountingModel(texts=("x" * 200_001,)),
    ],
    ids=["a tool's call", "a switch", "a model that stood in", "nothing", "too much"],
)
async def test_an_answer_that_is_not_the_model_s_own_and_whole_is_not_kept(
    owner: Someone, model: CountingModel
) -> None:
    await ask(a_call(owner), model)

    assert cache_of(await ask(a_call(owner), CountingModel())) == ""


async def test_an_answer_is_kept_of_a_server_that_spells_the_model_with_its_tag(owner: Someone) -> None:
    await ask(a_call(owner), CountingModel(model="marble:latest"))

    assert cache_of(await ask(a_call(owner), CountingModel())) == "exact"


async def test_an_error_is_not_kept(owner: Someone) -> None:
    with pytest.raises(StreamCut):
        await ask(a_call(owner), CountingModel(error=StreamCut()))

    assert text_of(await ask(a_call(owner), CountingModel())) == "The mountain."


async def test_an_owner_turns_it_off(owner: Someone) -> None:
    model = CountingModel()
    await ask(a_call(owner), model)

    await set_option(owner, "inference.cache_exact", False)

    assert cache_of(await ask(a_call(owner), model)) == ""


async def test_an_answer_ends_with_its_time(owner: Someone) -> None:
    await set_option(owner, "inference.cache_ttl_s", 1)
    model = CountingModel()
    await ask(a_call(owner), model)
    assert cache_of(await ask(a_call(owner), model)) == "exact"

    await asyncio.sleep(1.2)

    assert cache_of(await ask(a_call(owner), model)) == ""


async def test_the_store_is_bounded_and_the_oldest_go_first(owner: Someone, stranger: Someone) -> None:
    store = BoundedStore("cache:test", most_bytes=10_000)
    mine, theirs = organization_of(owner), organization_of(stranger)
    for number in range(30):
        store.put({f"{mine.hex}:{number}": bytes(600)}, keep_s=100 + number)
    store.put({f"{theirs.hex}:a": bytes(100)}, keep_s=500)

    sizes = store.size(mine), store.size(theirs)

    assert sizes[0].entry_count == 9
    assert sizes[0].size_bytes + sizes[1].size_bytes <= 10_000
    assert store.get([f"{mine.hex}:0", f"{mine.hex}:29"]) == [None, bytes(600)]
    assert store.empty(mine) == 9
    assert store.size(mine).entry_count == 0
    assert store.get([f"{theirs.hex}:a"]) == [bytes(100)]


async def test_closing_a_call_closes_its_upstream(owner: Someone) -> None:
    model = CountingModel(pause_s=5)

    async with aclosing(cached(a_call(owner), produce=ready(model))) as events:
        async for event in events:
            if isinstance(event, ThinkingDelta):
                break

    assert model.left_count == 1


async def test_a_person_who_joined_later_shares_nothing_old(owner: Someone) -> None:
    model = CountingModel()
    await ask(a_call(owner), model)
    late = await in_thread(someone, "late@example.org", owner.actor.role)

    assert cache_of(await ask(a_call(late), model)) == ""


async def test_while_valkey_is_away_models_answer_and_nothing_fails(owner: Someone) -> None:
    model = CountingModel()
    availability.failed("this is a test")
    try:
        for _ in range(2):
            forget_near_answers()
            assert text_of(await ask(a_call(owner), model)) == "The mountain."
    finally:
        availability._down_until = 0.0

    assert len(model.asked) == 2


async def test_of_questions_that_repeat_as_people_s_do_most_are_found_after_a_while(owner: Someone) -> None:
    chance, model = random.Random(3), CountingModel()
    questions = [f"Question {rank}" for rank in range(200)]
    asked = chance.choices(questions, weights=[1 / (rank + 1) for rank in range(200)], k=800)
    for question in asked[:300]:
        await ask(a_call(owner, question), model)
    model.asked.clear()

    found = [cache_of(await ask(a_call(owner, question), model)) for question in asked[300:]]

    assert found.count("exact") / len(found) > 0.6
    assert len(model.asked) == found.count("")
