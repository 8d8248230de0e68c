"""Pictures, transcripts and speech by OpenAI's wire.

Source: the types of the `openai` package 3.52 (images_response.py, audio/*.py).
"""

import asyncio
import io
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp

from apps.inference.contracts import Capability, MediaAnswer, MediaRequest, Upload
from apps.inference.engine.media_usage import UsageReader, expected_usage
from apps.inference.engine.wire import Server, open_answer
from apps.inference.errors import MalformedStream, ProviderTimeout, StreamCut

_PATHS = {
    Capability.IMAGES: "/images/generations",
    Capability.TRANSCRIPTION: "/audio/transcriptions",
    Capability.SPEECH: "/audio/speech",
}
# Ten pictures of 4 MB in base64, or an hour of speech; what goes past this has no end.
_ANSWER_BYTES = 96 * 1024 * 1024


async def open_media(server: Server, capability: Capability, request: MediaRequest) -> MediaAnswer:
    """This will ask for pictures, a transcript or speech and return once the server begins to answer.

    Raises:
        ModelError: the server refused, or did not begin in time.
    """
    fields = {"model": request.model, **request.parameters}
    body = fields if request.upload is None else _form(fields, request.upload)
    response = await open_answer(server, _PATHS[capability], body)
    usage = expected_usage(capability, request)
    reader = UsageReader(capability, usage, response.content_type)
    content_type = response.headers.get("Content-Type", "application/octet-stream")
    return MediaAnswer(content_type, _chunks(server, response, reader), usage)


def _form(fields: dict[str, Any], upload: Upload) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            form.add_field(name, str(each))
    form.add_field("file", io.BytesIO(upload.data), filename=upload.name, content_type=upload.media_type)
    return form


async def _chunks(server: Server, response: aiohttp.ClientResponse, reader: UsageReader) -> AsyncGenerator[bytes, None]:
    size_bytes = 0
    try:
        while data := await _read(response, server.timeouts.idle_s):
            size_bytes += len(data)
            if size_bytes > _ANSWER_BYTES:
                raise MalformedStream("The model server does not come to an end; Olympus stopped reading.")
            reader.feed(data)
            yield data
        reader.end()
    except (aiohttp.ClientError, ConnectionError) as error:
        raise StreamCut from error
    finally:
        response.close()


async def _read(response: aiohttp.ClientResponse, silence_s: float) -> bytes:
    try:
        async with asyncio.timeout(silence_s):
            return await response.content.readany()
    except TimeoutError as error:
        raise ProviderTimeout from error
