"""Single flight: who asks the same at the same time listens to one upstream."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from apps.inference.contracts import CallEvent, Finished, Routed, TextDelta, ThinkingDelta

_under_way: set[asyncio.Task[None]] = set()
Source = Callable[[], AsyncGenerator[CallEvent, None]]
# How far the stream may run ahead of who listens fastest: a slow reader slows the model server down, as without us.
_AHEAD = 512
# Looking who is where costs more than an event does, so it is done after so many.
_PACE_EVENTS = 64
# Past so many events nobody may join any more, so that what all have heard can be let go.
_JOINABLE_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class Paying:
    """From here on this listener pays for all it hears, or for nothing. Who asked first pays unless told otherwise."""

    is_paying: bool


class Flight:
    """One stream and all who listen to it; it ends when the last of them goes."""

    def __init__(self, source: Source, at_end: Callable[[], None]) -> None:
        self._source = source()
        self._at_end = at_end
        self._events: list[CallEvent] = []
        self._first = 0  # the number of the oldest event still held
        self._places: dict[int, int] = {}  # in the order they came
        self._is_paid = False
        self._next_listener = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._error: BaseException | None = None
        self._is_answered = self._is_over = False
        self._task = asyncio.create_task(self._fly())
        _under_way.add(self._task)
        self._task.add_done_callback(_under_way.discard)

    @property
    def is_joinable(self) -> bool:
        """Whether one who comes now would hear it from its beginning to its end."""
        return self._first == 0 and not self._is_over

    async def listen(self) -> AsyncGenerator[CallEvent | Paying, None]:
        """This will give every event from the first; closing it ends the stream if nobody else listens.

        Whoever hears the end first pays; while nobody has, the one who is here the longest. What was kept is paid.

        Raises: what the stream raised, after the events before it.
        """
        listener, self._next_listener = self._next_listener, self._next_listener + 1
        is_paying = not listener
        self._places[listener] = place = 0
        try:
            while True:
                while place < self._first + len(self._events):
                    event, place = self._waiting_at(place)
                    self._places[listener] = place
                    self._room.set()
                    if is_paying is not (is_paying := self._pays(event, listener, is_paying=is_paying)):
                        yield Paying(is_paying)
                    yield event
                    if isinstance(event, Finished):
                        return  # the stream says goodbye to the model server by itself
                if self._is_over:
                    break
                await self._news.wait()
            if self._error is not None:
                raise self._error
        finally:
            del self._places[listener]
            if not self._places:
                await self._end()

    def _waiting_at(self, place: int) -> tuple[CallEvent, int]:
        """What is next, and the place after it: neighbors of one kind that wait already are heard as one.

        A run reads once a tick; an event a tick would hold a quick model back.
        """
        at = end = place - self._first
        event = self._events[at]
        if isinstance(event, TextDelta | ThinkingDelta):
            while end < len(self._events) and type(self._events[end]) is type(event):
                end += 1
            event = _joined(self._events[at:end]) if end > at + 1 else event
        return event, self._first + max(end, at + 1)

    def _pays(self, event: CallEvent, listener: int, *, is_paying: bool) -> bool:
        if isinstance(event, Routed):
            return is_paying  # so that this is told just before something is said, and not of what may still fail
        if isinstance(event, Finished):
            is_first, self._is_paid = not self._is_paid, True
            return is_first
        return is_paying or (not self._is_paid and next(iter(self._places)) == listener)

    async def _fly(self) -> None:
        try:
            async with aclosing(self._source) as events:
                async for event in events:
                    self._events.append(event)
                    self._is_answered = isinstance(event, Finished)
                    self._is_paid |= isinstance(event, Routed) and bool(event.cache)
                    self._tell()
                    await self._keep_pace()
        except asyncio.CancelledError as error:
            self._error = error if self._places else None
            raise
        except Exception as error:  # noqa: BLE001 - raised again by everyone who listens
            self._error = error
        finally:
            self._is_over = True
            self._at_end()
            self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _keep_pace(self) -> None:
        if self._end_place % _PACE_EVENTS:
            return
        while self._places and self._end_place - max(self._places.values()) > _AHEAD:
            self._room.clear()
            await self._room.wait()
        if self._end_place > _JOINABLE_EVENTS and self._places:
            heard = min(self._places.values()) - self._first
            del self._events[:heard]
            self._first += heard

    @property
    def _end_place(self) -> int:
        return self._first + len(self._events)

    async def _end(self) -> None:
        """Nobody listens any more: the connection to the model server is closed, and then we go."""
        self._at_end()
        if not self._task.done() and not self._is_answered:
            self._task.cancel()
            await asyncio.wait({self._task})


def _joined(waiting: Sequence[CallEvent]) -> CallEvent:
    deltas = [event for event in waiting if isinstance(event, TextDelta | ThinkingDelta)]
    text, token_count = "".join(each.text for each in deltas), sum(each.token_count for each in deltas)
    if isinstance(deltas[0], ThinkingDelta):
        return ThinkingDelta(text, token_count)
    return TextDelta(text, token_count, tuple(one for each in deltas for one in getattr(each, "logprobs", ())))


_flights: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Flight]] = WeakKeyDictionary()


def join_or_fly(name: str, source: Source) -> tuple[Flight, bool]:
    """This will find the flight of this name in the running loop, or begin one; True for who begins it."""
    flights = _flights.setdefault(asyncio.get_running_loop(), {})
    flight = flights.get(name)
    if flight is not None and flight.is_joinable:
        return flight, False

    def forget() -> None:
        if flights.get(name) is begun:
            del flights[name]

    begun = flights[name] = Flight(source, forget)
    return begun, True
