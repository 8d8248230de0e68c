"""Calls for pictures, transcripts and speech: charged, and given to the pool."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.inference.calling.asking import ask_in_turn, servers_that_can
from apps.inference.calling.charging import counted
from apps.inference.contracts import (
    Caller,
    Capability,
    MediaAnswer,
    MediaClient,
    MediaRequest,
    MediaUsage,
    ModelChoice,
    Routed,
)
from apps.inference.engine.media_usage import expected_usage
from apps.inference.engine.pricing import Consumed
from apps.inference.errors import ModelNotFound, StreamCut
from apps.inference.pool import Backend
from olympus.kernel.errors import Invalid, OlympusError

_MS = 1000


def image_call(caller: Caller, choice: ModelChoice, request: MediaRequest) -> AbstractAsyncContextManager[MediaAnswer]:
    """This will have pictures made; errors as of `media_call`."""
    return media_call(caller, choice, Capability.IMAGES, request)


def transcription_call(
    caller: Caller, choice: ModelChoice, request: MediaRequest
) -> AbstractAsyncContextManager[MediaAnswer]:
    """This will have a recording written down; errors as of `media_call`."""
    return media_call(caller, choice, Capability.TRANSCRIPTION, request)


def speech_call(caller: Caller, choice: ModelChoice, request: MediaRequest) -> AbstractAsyncContextManager[MediaAnswer]:
    """This will have a text spoken; errors as of `media_call`."""
    return media_call(caller, choice, Capability.SPEECH, request)


@asynccontextmanager
async def media_call(
    caller: Caller, choice: ModelChoice, capability: Capability, request: MediaRequest
) -> AsyncGenerator[MediaAnswer, None]:
    """This will ask for pictures, a transcript or speech, and charge what of the answer's chunks was read.

    Servers that have the model are asked in turn until one begins to answer; what breaks off
    after that is the caller's to see.

    Raises:
        Invalid: the model does not do this.
        LimitReached: a budget does not allow the call; nothing was asked.
        ModelError: no server could; or, from the chunks, the one that answered failed.
    """
    if capability not in choice.capabilities:
        raise Invalid(_("%(model)s does not do this; choose another model.") % {"model": choice.label}, field="model")
    async with counted(caller, capability.value, choice.model, _consumed(expected_usage(capability, request))) as bill:
        servers = await servers_that_can(caller.organization_id, choice, capability)
        asked = await ask_in_turn(servers, capability, lambda backend: _begun(backend, capability, request))
        answer, first = asked.answer
        routed = _routed(asked.backend)
        bill.answered_by(routed.model, routed.provider_id, routed.provider_name)
        bill.began()
        error: OlympusError | None = None
        try:
            # Both are closed: a generator nobody began to read closes nothing by itself.
            async with aclosing(answer.chunks) as rest, aclosing(_from_first(first, rest)) as chunks:
                yield replace(answer, chunks=chunks, routed=routed)
        except OlympusError as failure:
            error = failure
            raise
        finally:
            asked.ticket.end(error)
            bill.used(_consumed(answer.usage), is_estimated=answer.usage.is_estimated)


async def _begun(backend: Backend, capability: Capability, request: MediaRequest) -> tuple[MediaAnswer, bytes]:
    """A server's answer, once its first bytes are here."""
    client = backend.client
    if not isinstance(client, MediaClient):
        raise ModelNotFound
    answer = await client.open_media(capability, replace(request, model=backend.info.name))
    try:
        return answer, await anext(answer.chunks)
    except StopAsyncIteration as error:
        raise StreamCut(_("The model server answered with nothing.")) from error


async def _from_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield first
    async for chunk in rest:
        yield chunk


def _routed(backend: Backend) -> Routed:
    return Routed(model=backend.info.name, provider_id=backend.provider_id, provider_name=backend.name)


def _consumed(usage: MediaUsage) -> Consumed:
    return Consumed(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        image_count=usage.image_count,
        audio_ms=round(usage.audio_s * _MS),
    )
