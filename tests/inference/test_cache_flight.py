"""Single flight: who asks the same at the same time shares one upstream."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress

import pytest

from apps.inference.caching.exact import FarLook, answer_store, member_of
from apps.inference.calling.caching import cached
from apps.inference.calling.call import Call
from apps.inference.contracts import CallEvent, Routed, TextDelta
from apps.inference.errors import ProviderUnreachable, StreamCut
from olympus.kernel.valkey import valkey
from tests.inference.caching import CountingModel, a_call, ask, cache_of, organization_of, ready, text_of
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


async def test_fifty_at_once_ask_a_model_once_and_all_hear_the_whole_answer(owner: Someone) -> None:
    model = CountingModel(texts=[f"{n} " for n in range(40)], pause_s=0.002)

    answers = await asyncio.gather(*(ask(a_call(owner), model) for _ in range(50)))

    assert len(model.asked) == 1
    assert {text_of(events) for events in answers} == {"".join(f"{n} " for n in range(40))}
    assert sorted(cache_of(events) for events in answers) == [""] + ["exact"] * 49


async def test_who_comes_late_hears_it_from_the_beginning(owner: Someone) -> None:
    model = CountingModel(texts=("a", "b", "c"), pause_s=0.05)
    leader = asyncio.create_task(ask(a_call(owner), model))
    await asyncio.sleep(0.08)

    late = await ask(a_call(owner), model)

    assert text_of(late) == text_of(await leader) == "abc"
    assert len(model.asked) == 1


async def test_a_leader_that_goes_away_leaves_the_answer_to_the_others(owner: Someone) -> None:
    model = CountingModel(texts=("a", "b", "c"), pause_s=0.05)
    leader = asyncio.create_task(ask(a_call(owner), model))
    await asyncio.sleep(0.02)
    follower = asyncio.create_task(ask(a_call(owner), model))
    await asyncio.sleep(0.02)

    leader.cancel()

    assert text_of(await follower) == "abc"
    assert len(model.asked) == 1
    with pytest.raises(asyncio.CancelledError):
        await leader


async def test_a_follower_that_goes_away_takes_nothing_from_the_leader(owner: Someone) -> None:
    model = CountingModel(texts=("a", "b", "c"), pause_s=0.05)
    leader = asyncio.create_task(ask(a_call(owner), model))
    await asyncio.sleep(0.02)

    async with aclosing(cached(a_call(owner), produce=ready(model))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break

    assert text_of(await leader) == "abc"
    assert model.left_count == 0


async def test_when_the_last_goes_the_upstream_is_closed_at_once(owner: Someone) -> None:
    model = CountingModel(texts=("a", "b"), pause_s=5)
    tasks = [asyncio.create_task(ask(a_call(owner), model)) for _ in range(3)]
    await asyncio.sleep(0.2)

    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    assert model.left_count == 1


async def test_after_an_error_before_the_first_word_each_asks_by_itself(owner: Someone) -> None:
    class FailsOnce(CountingModel):
        async def __call__(self, call):  # type: ignore[no-untyped-def]
            self.asked.append(call.request)
            if len(self.asked) == 1:
                await asyncio.sleep(0.05)
                raise ProviderUnreachable
            self.asked.pop()
            async for event in super().__call__(call):
                yield event

    model = FailsOnce()
    tasks = [asyncio.create_task(ask(a_call(owner), model)) for _ in range(3)]
    done = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(done[0], ProviderUnreachable)
    assert [text_of(events) for events in done[1:] if isinstance(events, list)] == ["The mountain."] * 2


async def test_an_error_after_the_first_word_is_everybody_s(owner: Someone) -> None:
    model = CountingModel(error=StreamCut(), pause_s=0.02)

    done = await asyncio.gather(*(ask(a_call(owner), model) for _ in range(3)), return_exceptions=True)

    assert [type(each) for each in done] == [StreamCut] * 3
    assert len(model.asked) == 1


async def test_another_process_waits_for_the_answer_instead_of_asking(owner: Someone) -> None:
    model = CountingModel(pause_s=0.3)
    found: list[list[CallEvent]] = []

    def elsewhere() -> None:
        found.append(asyncio.run(ask(a_call(owner), model)))

    here = asyncio.create_task(ask(a_call(owner), model))
    await asyncio.sleep(0.1)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    await here
    await asyncio.to_thread(thread.join)

    assert len(model.asked) == 1
    assert cache_of(found[0]) == "exact"


async def test_a_process_that_died_leading_holds_others_up_for_a_moment_only(owner: Someone) -> None:
    member = member_of(organization_of(owner), "0", "d" * 40)
    dead = await FarLook(member).found(ttl_s=10)
    assert dead.lead
    assert (await FarLook(member).found(ttl_s=10)).is_led

    milliseconds = await asyncio.to_thread(valkey().pttl, f"cache:lead:{member}")

    assert 0 < milliseconds <= 10_000


@pytest.mark.parametrize(("error", "kept_count"), [(None, 1), (StreamCut(), 0)])
async def test_the_lead_is_given_back_whether_the_model_answers_or_fails(
    owner: Someone, error: StreamCut | None, kept_count: int
) -> None:
    with suppress(StreamCut):
        await ask(a_call(owner), CountingModel(error=error))
    await asyncio.sleep(0.1)

    assert await asyncio.to_thread(valkey().keys, f"cache:lead:{organization_of(owner).hex}*") == []
    assert answer_store().size(organization_of(owner)).entry_count == kept_count


async def test_the_lead_is_given_back_where_no_server_could_be_chosen(owner: Someone) -> None:
    async def produce(call: Call) -> AsyncGenerator[CallEvent, None]:
        raise ProviderUnreachable

    with suppress(ProviderUnreachable):
        await anext(cached(a_call(owner), produce=produce))
    await asyncio.sleep(0.1)

    assert await asyncio.to_thread(valkey().keys, f"cache:lead:{organization_of(owner).hex}*") == []


async def test_a_slow_reader_slows_the_model_down(owner: Someone) -> None:
    sent: list[int] = []

    class Texts(list[str]):
        def __iter__(self) -> Iterator[str]:
            for number, text in enumerate(super().__iter__()):
                sent.append(number)
                yield text

    model = CountingModel(texts=Texts(["x"] * 5000))
    async with aclosing(cached(a_call(owner), produce=ready(model))) as events:
        async for event in events:
            if isinstance(event, Routed):
                break
        await asyncio.sleep(0.2)
        ahead = len(sent)
        count = 0
        async for event in events:
            count += event.token_count if isinstance(event, TextDelta) else 0

    assert ahead < 1000
    assert count == 5000


async def test_what_waits_already_is_heard_as_one(owner: Someone) -> None:
    model = CountingModel(texts=["x"] * 300)
    heard: list[TextDelta] = []
    async with aclosing(cached(a_call(owner), produce=ready(model))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                heard.append(event)
                await asyncio.sleep(0.2)

    assert sum(event.token_count for event in heard) == 300
    assert "".join(event.text for event in heard) == "x" * 300
    assert len(heard) < 20
