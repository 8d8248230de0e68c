"""The decider: one task at a time looks at all Ollama servers, learns from the calls, and has models loaded or unloaded."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from uuid import UUID, uuid4

import redis

from apps.inference.contracts import Capability
from apps.inference.engine.managing.servers import Held, held_models, load, unload
from apps.inference.engine.memory.deciding import Action, Loaded, decide, done, keep_alive_of
from apps.inference.engine.memory.history import Uses
from apps.inference.engine.wire import Server, Timeouts
from apps.inference.memory.looking import capacity_of, left_s, seen_of, size_of
from apps.inference.memory.noting import exchange_notes
from apps.inference.memory.remembering import Event, Flights, forget_decisions, remember, take_calls, uses_of
from apps.inference.models import MemoryPin, Provider
from apps.inference.options import MEMORY_MANAGER
from apps.inference.selectors import providers_in_use
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone
from olympus.kernel.options import option_value
from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

_LOCK = "olympus:memory:deciding"
# Past the longest round; a worker that died holds it no longer.
_LOCK_S = 60
_LOADING = "olympus:memory:loading"
# As long as a model is read at most; then it is tried again.
_LOADING_S = 600
# One that could not be loaded, or was pushed out by another at once, is not read again and again.
_AGAIN_S = 60
# Nobody waits for it, but a server that hangs must not hold up the others.
_PATIENCE = Timeouts(connect_s=1.0, answer_s=3.0)

# Has a model loaded in the background: provider, model, keep-alive in seconds.
LoadAhead = Callable[[UUID, str, int], object]


@dataclass(slots=True)
class _Place:
    """One server, which several providers may name."""

    providers: list[Provider]
    uses: Uses
    held: list[Held] | None = None
    actions: list[Action] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return Server(self.providers[0].base_url, self.providers[0].api_key, _PATIENCE)


def decide_memory(load_ahead: LoadAhead) -> int:
    """This will decide for all servers and carry it out; returns how many actions there were.

    `load_ahead` queues a load. Without Valkey, turned off, or while another decides, nothing happens.
    """
    client, token = valkey(), uuid4().hex
    try:
        if not client.set(_LOCK, token, nx=True, ex=_LOCK_S):
            return 0
        try:
            if not option_value(MEMORY_MANAGER):
                forget_decisions(client)
                return 0
            exchange_notes(client)
            return _decide_all(client, load_ahead)
        finally:
            if client.get(_LOCK) == token.encode():
                client.delete(_LOCK)
    except (redis.RedisError, OSError):
        logger.info("Valkey does not answer; model servers keep their models as they like")
        return 0


def load_now(provider_id: UUID, model: str, keep_s: int) -> None:
    """This will have a server load a model, waiting for it as long as that takes."""
    provider = Provider.objects.filter(pk=provider_id, is_enabled=True).first()
    if provider is None:
        return
    embeds = _embeds(provider, model)
    try:
        server = Server(provider.base_url, provider.api_key, _PATIENCE)
        run_alone(lambda: load(server, model, embeds=embeds, keep_alive=keep_s))
    except OlympusError as error:
        logger.info("%s did not load %s ahead: %s", provider.name, model, error.message)
    finally:
        valkey().expire(f"{_LOADING}:{provider_id.hex}:{model}", _AGAIN_S)


def _decide_all(client: "redis.Redis", load_ahead: LoadAhead) -> int:
    places = _places(client)
    pins = _pins(places)
    events, flights = take_calls(client)
    _learn(places, events, flights)
    run_alone(lambda: _look(places.values()))
    now = time()
    for address, place in places.items():
        if place.held is not None:
            place.actions = decide(
                place.uses,
                {each.name: Loaded(size_of(each), left_s(each, now)) for each in place.held},
                now,
                pinned=pins[address],
                capacity_bytes=capacity_of(place.held),
            )
    run_alone(lambda: _carry_out(places.values()))
    _queue_loads(client, places.values(), load_ahead)
    now = time()
    seen = {p.pk.hex: seen_of(place.held, place.uses, now) for place in places.values() for p in place.providers}
    kept = {p.pk.hex: _kept(place.uses, pins[address]) for address, place in places.items() for p in place.providers}
    remember(client, {address: place.uses for address, place in places.items()}, seen, kept)
    return sum(len(place.actions) for place in places.values())


def _places(client: "redis.Redis") -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for provider in providers_in_use():
        if provider.kind == "ollama":
            address = provider.base_url.rstrip("/")
            if address in places:
                places[address].providers.append(provider)
            else:
                places[address] = _Place([provider], uses_of(client, address))
    return places


def _pins(places: Mapping[str, _Place]) -> dict[str, frozenset[str]]:
    pinned: dict[UUID, set[str]] = {}
    for provider_id, model in MemoryPin.objects.values_list("provider_id", "model"):
        pinned.setdefault(provider_id, set()).add(model)
    return {
        address: frozenset(
            name for provider in place.providers for name in pinned.get(provider.pk, set()) & _has(provider)
        )
        for address, place in places.items()
    }


def _has(provider: Provider) -> set[str]:
    """A pinned model may have been removed at the server: it is pinned again once it is back."""
    return {info.name for info in provider.infos}


def _learn(places: Mapping[str, _Place], events: Sequence[Event], flights: Flights) -> None:
    by_provider = {provider.pk.hex: place for place in places.values() for provider in place.providers}
    for event in events:
        if place := by_provider.get(event.provider):
            (place.uses.begin if event.step > 0 else place.uses.end)(event.model, event.at)
    for place in places.values():
        for name, use in place.uses.models.items():
            use.in_flight = sum(flights.get(p.pk.hex, {}).get(name, 0) for p in place.providers)


async def _look(places: Iterable[_Place]) -> None:
    async def look(place: _Place) -> None:
        try:
            place.held = await held_models(place.server)
        except OlympusError:
            place.held = None  # it is away, or not quite an Ollama: nothing is decided for it

    await asyncio.gather(*(look(place) for place in places))


async def _carry_out(places: Iterable[_Place]) -> None:
    async def carry_out(place: _Place) -> None:
        for action in place.actions:
            if _is_load(place, action):
                continue
            try:
                await _tell(place, action)
                done(place.uses, action, time())
            except (OlympusError, TimeoutError):
                logger.info("%s did not take a change of its memory", place.providers[0].name)

    await asyncio.gather(*(carry_out(place) for place in places))


async def _tell(place: _Place, action: Action) -> None:
    """What is in memory already answers at once."""
    async with asyncio.timeout(_PATIENCE.answer_s):
        if action.keep_s == 0:
            await unload(place.server, action.model)
        else:
            embeds = _embeds(place.providers[0], action.model)
            await load(place.server, action.model, embeds=embeds, keep_alive=round(action.keep_s))


def _is_load(place: _Place, action: Action) -> bool:
    return action.keep_s != 0 and all(each.name != action.model for each in place.held or ())


def _queue_loads(client: "redis.Redis", places: Iterable[_Place], load_ahead: LoadAhead) -> None:
    """A load takes up to minutes: each is somebody else's, and is ordered once."""
    for place in places:
        provider_id = place.providers[0].pk
        for action in place.actions:
            key = f"{_LOADING}:{provider_id.hex}:{action.model}"
            if _is_load(place, action) and client.set(key, 1, nx=True, ex=_LOADING_S):
                load_ahead(provider_id, action.model, round(action.keep_s))


def _embeds(provider: Provider, model: str) -> bool:
    told = next((info.capabilities for info in provider.infos if info.name == model), frozenset())
    return Capability.EMBEDDINGS in told and Capability.CHAT not in told


def _kept(uses: Uses, pinned: frozenset[str]) -> dict[str, float]:
    names = uses.models.keys() | pinned
    found = {
        name: keep_alive_of(uses.models[name], is_pinned=name in pinned) for name in names if name in uses.models
    } | dict.fromkeys(pinned, -1.0)
    return {name: keep_s for name, keep_s in found.items() if keep_s is not None}
