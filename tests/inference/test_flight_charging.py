"""An answer several listen to is paid by one of them, whoever goes away."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from functools import partial

import pytest

from apps.accounts.ledger import settling
from apps.accounts.models import LedgerEntry
from apps.inference.calling.caching import cached
from apps.inference.calling.call import Call
from apps.inference.calling.charging import charged
from apps.inference.contracts import CallEvent, Finished, FinishReason, Routed, TextDelta, Usage
from olympus.kernel.db import in_thread
from tests.inference.caching import PROVIDER, a_call, ready
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
USED = (11, 4)


@pytest.fixture(autouse=True)
def everything_settled() -> Iterator[None]:
    yield
    settling.writer.drain()


class Held:
    """A model that says one word, and the rest when it is let."""

    def __init__(self) -> None:
        self.asked_count = 0
        self.is_asked, self.may_begin, self.rest = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.may_begin.set()

    async def __call__(self, call: Call) -> AsyncGenerator[CallEvent, None]:
        """Answer one call."""
        self.asked_count += 1
        self.is_asked.set()
        await self.may_begin.wait()
        yield Routed(model="marble", provider_id=PROVIDER, provider_name="Quarry")
        yield TextDelta("a", 1)
        await self.rest.wait()
        for text in "bcd":
            yield TextDelta(text, 1)
            await asyncio.sleep(0.01)  # as from a wire, one after the other
        yield Finished(FinishReason.STOP, Usage(*USED, 0))


class Listener:
    """One who asks and listens."""

    def __init__(self, who: Someone, model: Held, *, most: int = 100) -> None:
        self.events: list[CallEvent] = []
        self.has_heard = asyncio.Event()
        self.task = asyncio.create_task(self._listen(a_call(who), model, most))

    async def _listen(self, call: Call, model: Held, most: int) -> None:
        async with aclosing(charged(call, partial(cached, produce=ready(model)))) as stream:
            async for event in stream:
                self.events.append(event)
                if isinstance(event, TextDelta):
                    self.has_heard.set()
                if len(self.events) == most:
                    return

    async def leave(self) -> None:
        """Go away in the middle."""
        self.task.cancel()
        await asyncio.wait({self.task})


async def listening(who: Someone, model: Held, *, most: int = 100) -> Listener:
    listener = Listener(who, model, most=most)
    await asyncio.wait_for(listener.has_heard.wait(), 30)
    return listener


async def paid() -> list[tuple[int, int]]:
    await in_thread(settling.writer.drain)
    return await in_thread(
        lambda: sorted((each.input_tokens, each.output_tokens) for each in LedgerEntry.objects.filter(state="complete"))
    )


async def test_who_asked_first_pays_and_the_others_nothing(owner: Someone) -> None:
    model = Held()
    listeners = [await listening(owner, model) for _ in range(3)]

    model.rest.set()
    await asyncio.gather(*(each.task for each in listeners))

    assert model.asked_count == 1
    assert await paid() == [(0, 0), (0, 0), USED]


async def test_when_who_asked_first_goes_away_the_next_pays_for_all_of_it(owner: Someone) -> None:
    model = Held()
    first, *others = [await listening(owner, model) for _ in range(3)]

    await first.leave()
    model.rest.set()
    await asyncio.gather(*(each.task for each in others))

    assert model.asked_count == 1
    assert [[type(event) for event in each.events].count(Routed) for each in others] == [1, 1]
    assert {type(event) for each in others for event in each.events} == {Routed, TextDelta, Finished}
    assert await paid() == [(0, 0), USED]


async def test_who_goes_away_before_the_first_word_pays_only_where_nobody_asked_before(owner: Someone) -> None:
    model = Held()
    model.may_begin.clear()
    first = Listener(owner, model)
    await asyncio.wait_for(model.is_asked.wait(), 30)
    second = Listener(owner, model)
    await asyncio.sleep(0.1)

    await second.leave()
    await first.leave()

    await in_thread(settling.writer.drain)
    entries = await in_thread(lambda: list(LedgerEntry.objects.order_by("created_at", "id")))
    assert model.asked_count == 1
    assert [(entry.state, entry.cache, bool(entry.input_tokens)) for entry in entries] == [
        ("cancelled", "exact", False),
        ("cancelled", "", True),
    ]


async def test_who_goes_away_while_paying_pays_for_what_came(owner: Someone) -> None:
    model = Held()
    first = await listening(owner, model)
    second = await listening(owner, model, most=4)

    await first.leave()
    model.rest.set()
    await second.task

    await in_thread(settling.writer.drain)
    entries = await in_thread(lambda: list(LedgerEntry.objects.order_by("created_at")))
    assert [(entry.state, entry.output_tokens, entry.cache) for entry in entries] == [
        ("cancelled", 1, ""),
        ("cancelled", 3, ""),
    ]
