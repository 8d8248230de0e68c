"""`/v1/audio/transcriptions` and `/v1/audio/speech`."""

import msgspec

from apps.gateway.calls import choose
from apps.gateway.engine.forms import Form, parse_form
from apps.gateway.engine.openai_media_request import (
    SPEECH,
    speech_request,
    transcription_model,
    transcription_request,
)
from apps.gateway.errors import BadRequest
from apps.gateway.exchange import Exchange
from apps.gateway.reading import misfit, parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.media import hand_on
from apps.gateway.shapes.openai import OPENAI
from apps.inference import facade

# OpenAI's own bound for a recording, and the form around it.
_RECORDING_BYTES = 25 * 1024 * 1024
_FORM_BYTES = 1024 * 1024


async def transcribe(exchange: Exchange) -> None:
    """This will answer POST /v1/audio/transcriptions."""
    form = await _form(exchange)
    name = transcription_model(form)
    if not name:
        raise BadRequest("Name a model in the field model.", field="model")
    choice = await choose(exchange, name)
    try:
        request = transcription_request(form, model=choice.model)
    except msgspec.ValidationError as error:
        raise misfit(error) from error
    await hand_on(exchange, facade.transcription_call(await exchange.caller(), choice, request))


async def _form(exchange: Exchange) -> Form:
    """Read the form; its body is let go with this function, since the file is a copy of most of it."""
    body = await exchange.body(_RECORDING_BYTES + _FORM_BYTES)
    return parse_form(body, exchange.header(b"content-type"))


async def speak(exchange: Exchange) -> None:
    """This will answer POST /v1/audio/speech, in pieces as they come."""
    body = parse(SPEECH, await exchange.body())
    choice = await choose(exchange, body.model)
    request = speech_request(body, model=choice.model)
    await hand_on(exchange, facade.speech_call(await exchange.caller(), choice, request), is_streamed=True)


def register(routes: Routes) -> None:
    """This will open the addresses."""
    routes.add("POST", "/v1/audio/transcriptions", transcribe, OPENAI)
    routes.add("POST", "/v1/audio/speech", speak, OPENAI)
