"""Who may answer a call, in the order they are asked, and the request each of them gets."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from apps.inference.calling.call import Call
from apps.inference.contracts import Capability, ChatMessage, ChatRequest, ChatRole
from apps.inference.engine.continuing import beginning_of
from apps.inference.engine.counting import count_tokens
from apps.inference.pool import Backend, Need, forget_backends, rank

LookUp = Callable[[UUID, str, UUID | None], Awaitable[list[Backend]]]


async def candidates_for(call: Call, model_name: str, look_up: LookUp) -> tuple[list[Backend], tuple[str, ...]]:
    """This will list who has a model, the best first, and why that one is; a server that was named is the only one."""
    organization_id, provider_id = call.caller.organization_id, call.choice.provider_id
    found = await look_up(organization_id, model_name, provider_id)
    if not found:
        # Whoever asks has just seen it: perhaps it was added in another process a moment ago.
        forget_backends()
        found = await look_up(organization_id, model_name, provider_id)
    if not found:
        return [], ()
    ranking = rank(found, _need_of(call))
    return list(ranking.backends), () if call.is_of_program else ranking.reasons


def _need_of(call: Call) -> Need:
    request = call.request
    needed = {Capability.CHAT}
    if any(message.images for message in request.messages):
        needed.add(Capability.VISION)
    if request.tools:
        needed.add(Capability.TOOLS)
    said = sum([count_tokens(message.text) for message in request.messages])
    return Need(frozenset(needed), said + (request.sampling.max_tokens or 0), call.options.affinity)


def request_to(backend: Backend, request: ChatRequest) -> ChatRequest:
    """This will put in how a server calls the model, and no more context than it has."""
    length = request.context_length
    if length is not None:
        length = min(length, backend.context_length)
    # A tier's models differ: one that never thinks is not told to stop, which some servers refuse.
    is_needless = request.think is False and Capability.THINKING not in backend.info.capabilities
    think = None if is_needless else request.think
    return replace(request, model=backend.info.name, context_length=length, think=think)


def told_beginning(request: ChatRequest, kept: str, *, goes_on: bool, token_count: int) -> ChatRequest:
    """This will make the request whose answer begins with the kept text; `token_count` of its tokens are there."""
    messages = request.messages[:-1] if request.goes_on else request.messages
    begun = beginning_of(kept)
    if begun:
        messages = (*messages, ChatMessage(ChatRole.ASSISTANT, begun))
    sampling = request.sampling
    if goes_on and sampling.max_tokens is not None:
        sampling = replace(sampling, max_tokens=max(sampling.max_tokens - token_count, 1))
    # What was to be thought has been thought, where the answer has begun.
    think = False if request.think and begun else request.think
    return replace(request, messages=messages, sampling=sampling, think=think, goes_on=goes_on and bool(begun))
