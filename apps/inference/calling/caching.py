"""Answers that were given before, and one upstream for who asks the same at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from apps.inference.caching.answers import Answer, Recording, replay
from apps.inference.caching.exact import (
    FarLook,
    Look,
    keep_answer,
    kept_answer,
    let_others_lead,
    member_of,
    near_answer,
)
from apps.inference.caching.flights import Paying, join_or_fly
from apps.inference.caching.semantic import Sight, keep_similar_soon, similar_answer
from apps.inference.caching.standing import CacheRules, standing_of
from apps.inference.caching.tally import Found, count
from apps.inference.calling.call import Call, Producer
from apps.inference.contracts import CallEvent, Finished, ProviderKind, Routed
from apps.inference.engine.cache_keys import is_repeatable, question_of, request_digest
from apps.inference.engine.names import model_key
from apps.inference.errors import ModelError

# How long a call waits for another process that asks the same; then it asks by itself. A person who sees no first
# word for longer than this gains nothing by a cached one.
_WAIT_S = 2.0
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a call's answer is kept, and what holds for it. `scope` is what must be the same for its reader to be another."""

    member: str
    rules: CacheRules
    scope: tuple[object, ...]


async def cached(call: Call, *, produce: Producer) -> AsyncGenerator[CallEvent | Paying, None]:
    """This will give the stored answer to the same call, or hand on a new one's events and store it."""
    events: AsyncGenerator[CallEvent | Paying, None]
    place = await _place_of(call)
    if place is None:
        events = await produce(call)
    elif not call.options.may_cache:
        count(call.caller.organization_id, Found.BYPASS)
        asking = await produce(call)
        events = _written_down(call, place, asking) if call.options.may_store else asking
    elif (answer := near_answer(place.member)) is not None:
        for kept in _again(call, answer, Found.EXACT):
            yield kept
        return
    elif call.options.may_store:
        events = _with_others(call, place, produce)
    else:
        events = _only_read(call, place, produce)
    async with aclosing(events):
        async for event in events:
            yield event


async def _place_of(call: Call) -> _Place | None:
    """None where no answer is ever kept: tools, chance, the built-in engine, or the owner turned the cache off."""
    if call.choice.kind is ProviderKind.BUILTIN or not is_repeatable(call.request):
        return None
    caller = call.caller
    standing = await standing_of(caller.organization_id)
    if not standing.rules.is_exact:
        return None
    is_shared = standing.rules.is_shared and call.is_of_program  # an owner may let programs share answers
    reader = "everybody" if is_shared else caller.user_id.hex
    scope = (reader, call.plan.model_names, call.choice.provider_id)
    digest = request_digest(call.request, *scope)
    if digest is None:
        return None
    return _Place(member_of(caller.organization_id, standing.generation, digest), standing.rules, scope)


async def _only_read(call: Call, place: _Place, produce: Producer) -> AsyncGenerator[CallEvent, None]:
    """What must not be kept, as in a temporary chat, may still be found."""
    answer = await kept_answer(place.member)
    if answer is not None:
        for event in _again(call, answer, Found.EXACT):
            yield event
        return
    count(call.caller.organization_id, Found.MISS)
    async with aclosing(await produce(call)) as events:
        async for event in events:
            yield event


async def _with_others(call: Call, place: _Place, produce: Producer) -> AsyncGenerator[CallEvent | Paying, None]:
    """One asks, all who ask the same listen."""
    flight, is_leader = join_or_fly(place.member, lambda: _look_then_ask(call, place, produce, FarLook(place.member)))
    events = flight.listen() if is_leader else _followed(call, flight.listen(), produce)
    async with aclosing(events):
        async for event in events:
            yield event


async def _followed(
    call: Call, events: AsyncGenerator[CallEvent | Paying, None], produce: Producer
) -> AsyncGenerator[CallEvent | Paying, None]:
    """Another's answer, as it comes; where it fails before its first word this call asks by itself."""
    routed: Routed | None = None
    has_begun = False
    yield Paying(is_paying=False)
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Routed):
                    routed = event
                    continue
                if routed is not None and not has_begun:
                    has_begun = True
                    count(call.caller.organization_id, Found.SHARED)
                    yield replace(
                        routed, cache=routed.cache or Found.EXACT.value, tier=call.plan.tier, reasons=_reasons(call)
                    )
                yield event
        return
    except ModelError:
        if has_begun:
            raise
    yield Paying(is_paying=True)
    async with aclosing(await produce(call)) as own:
        async for event in own:
            yield event


async def _look_then_ask(call: Call, place: _Place, produce: Producer, far: FarLook) -> AsyncGenerator[CallEvent, None]:
    """The one upstream of all who ask the same: what is kept, what is kept for the same meaning, a model."""
    look: Look | None = None
    try:
        asking = await produce(call)
        look = await _patient_look(place, far)
        if look.answer is not None:
            for event in _again(call, look.answer, Found.EXACT):
                yield event
            return
        sight = await _look_by_meaning(call, place)
        if sight.answer is not None:
            for event in _again(call, sight.answer, Found.SEMANTIC):
                yield event
            return
        count(call.caller.organization_id, Found.MISS)
        async with aclosing(_written_down(call, place, asking, sight)) as events:
            async for event in events:
                yield event
    finally:
        # Whoever left before hearing whether the lead is theirs may have got it.
        if look is None or look.lead is not None:
            let_others_lead(place.member, far.token)


async def _look_by_meaning(call: Call, place: _Place) -> Sight:
    question = question_of(call.request, *place.scope) if place.rules.is_semantic else None
    if question is None:
        return Sight()
    return await similar_answer(call.caller.organization_id, question, threshold=place.rules.threshold)


async def _patient_look(place: _Place, far: FarLook) -> Look:
    """Wait a moment for a process that asks the same; if it dies or takes long, go on."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _WAIT_S
    while True:
        look = await far.found(ttl_s=place.rules.ttl_s)
        if not look.is_led or loop.time() >= end:
            return look
        await asyncio.sleep(_LOOK_AGAIN_S)
        far = FarLook(place.member, far.token)


async def _written_down(
    call: Call, place: _Place, asking: AsyncGenerator[CallEvent, None], sight: Sight | None = None
) -> AsyncGenerator[CallEvent, None]:
    """A new answer, kept before its end is told: who hears the end may be gone the next moment."""
    recording = Recording()
    async with aclosing(asking) as events:
        async for event in events:
            recording.add(event)
            if isinstance(event, Finished) and (answer := _keepable(call, recording)) is not None:
                _keep(call, place, answer, sight or Sight())
            yield event


def _keep(call: Call, place: _Place, answer: Answer, sight: Sight) -> None:
    rules, organization_id = place.rules, call.caller.organization_id
    keep_answer(place.member, answer, ttl_s=rules.ttl_s)
    if rules.is_semantic and (question := question_of(call.request, *place.scope)):
        keep_similar_soon(organization_id, question, sight, answer, ttl_s=rules.ttl_s)


def _keepable(call: Call, recording: Recording) -> Answer | None:
    """An answer of the model that was meant; one that stood in for it must not be given when that is back."""
    answer = recording.answer
    if answer is None or answer.provider_id is None:
        return None
    return answer if model_key(answer.model) == model_key(call.plan.model_names[0]) else None


def _again(call: Call, answer: Answer, found: Found) -> Iterator[CallEvent]:
    count(call.caller.organization_id, found, saved_tokens=answer.token_count)
    return replay(answer, cache=found.value, reasons=_reasons(call, found), tier=call.plan.tier)


def _reasons(call: Call, found: Found = Found.EXACT) -> tuple[str, ...]:
    if call.is_of_program:
        return ()
    if found is Found.SEMANTIC:
        return (*call.plan.reasons, _("A question that means the same was answered before."))
    return (*call.plan.reasons, _("The same was asked before; this is the answer given then."))
