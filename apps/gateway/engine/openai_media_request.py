"""Requests for pictures, transcripts and speech as programs make them.

Source: the types of the `openai` package 3.52 (image_generate_params.py, audio/*_create_params.py).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from apps.gateway.engine.fields import ShortText, clean
from apps.gateway.engine.forms import Form
from apps.gateway.errors import BadRequest
from apps.inference.contracts import MediaRequest

# OpenAI's own bounds, but for what is spoken: open models take longer texts.
_PROMPT_CHARS = 32_000
_SPOKEN_CHARS = 16_384
_MOST_IMAGES = 10
# The longest side any of OpenAI's models draws.
_LONGEST_SIDE = 3840
_FIELD_CHARS = 64_000
_SIZE = re.compile(r"\A(\d{1,5})x(\d{1,5})\Z")


class ImageBody(msgspec.Struct, omit_defaults=True):
    """What `/v1/images/generations` takes."""

    prompt: Annotated[str, msgspec.Meta(min_length=1, max_length=_PROMPT_CHARS)]
    model: str = ""
    n: Annotated[int, msgspec.Meta(ge=1, le=_MOST_IMAGES)] | None = None
    size: ShortText | None = None
    response_format: Literal["url", "b64_json"] | None = None
    quality: ShortText | None = None
    complexity: ShortText | None = None
    style: ShortText | None = None
    background: ShortText | None = None
    moderation: ShortText | None = None
    output_format: ShortText | None = None
    output_compression: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    stream: bool | None = None
    partial_images: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    user: ShortText | None = None


class _Voice(msgspec.Struct):
    id: ShortText


class SpeechBody(msgspec.Struct, omit_defaults=True):
    """What `/v1/audio/speech` takes."""

    model: str
    input: Annotated[str, msgspec.Meta(min_length=1, max_length=_SPOKEN_CHARS)]
    voice: ShortText | _Voice
    instructions: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: Annotated[float, msgspec.Meta(ge=0.25, le=4)] | None = None
    stream_format: Literal["sse", "audio"] | None = None


class _TranscriptionFields(msgspec.Struct, omit_defaults=True):
    """The fields of a form that go along with a recording; those said several times are lists."""

    model: str
    language: ShortText | None = None
    languages: list[ShortText] | None = msgspec.field(default=None, name="languages[]")
    keywords: list[ShortText] | None = msgspec.field(default=None, name="keywords[]")
    prompt: Annotated[str, msgspec.Meta(max_length=_FIELD_CHARS)] | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    timestamp_granularities: list[Literal["word", "segment"]] | None = msgspec.field(
        default=None, name="timestamp_granularities[]"
    )
    include: list[ShortText] | None = msgspec.field(default=None, name="include[]")
    chunking_strategy: Annotated[str, msgspec.Meta(max_length=_FIELD_CHARS)] | None = None
    stream: Literal["true", "false", "True", "False", "1", "0"] | None = None


IMAGE: msgspec.json.Decoder[ImageBody] = msgspec.json.Decoder(ImageBody)
SPEECH: msgspec.json.Decoder[SpeechBody] = msgspec.json.Decoder(SpeechBody)

_LISTS = frozenset({"languages[]", "keywords[]", "timestamp_granularities[]", "include[]"})


def image_request(body: ImageBody, *, model: str) -> MediaRequest:
    """This will make the request for pictures.

    Raises:
        BadRequest: the size is none, or larger than any model draws.
    """
    if body.size is not None and body.size != "auto":
        _check_size(body.size)
    return MediaRequest(model, {**_told(body), "prompt": clean(body.prompt)})


def speech_request(body: SpeechBody, *, model: str) -> MediaRequest:
    """This will make the request for speech."""
    return MediaRequest(model, {**_told(body), "input": clean(body.input)})


def transcription_model(form: Form) -> str:
    """This will tell which model a form names; empty for none."""
    return form.fields.get("model", [""])[0]


def transcription_request(form: Form, *, model: str) -> MediaRequest:
    """This will make the request for a transcript of the form's file.

    Raises:
        BadRequest: there is no file, or a field does not fit; `field` says which.
    """
    upload = form.files.get("file")
    if upload is None or not upload.data:
        raise BadRequest("Send the recording as the field file.", field="file")
    fields = msgspec.convert(_plain(form.fields), _TranscriptionFields, strict=False)
    return MediaRequest(model, _told(fields), upload)


def _plain(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Fields by their full names: a list's may be said with and without brackets."""
    plain: dict[str, Any] = {}
    for name, values in fields.items():
        bracketed = name if name.endswith("[]") else f"{name}[]"
        if bracketed in _LISTS:
            plain[bracketed] = [*plain.get(bracketed, ()), *values]
        else:
            plain[name] = clean(values[-1])
    return plain


def _told(body: msgspec.Struct) -> dict[str, Any]:
    """What was asked for, in the wire's names, without the model."""
    told: dict[str, Any] = msgspec.to_builtins(body)
    told.pop("model", None)
    return {name: value for name, value in told.items() if value is not None}


def _check_size(size: str) -> None:
    sides = _SIZE.match(size)
    if sides is None:
        raise BadRequest("A size is WIDTHxHEIGHT, like 1024x1024, or auto.", field="size")
    if not all(0 < int(side) <= _LONGEST_SIDE for side in sides.groups()):
        raise BadRequest(f"No side of a picture is longer than {_LONGEST_SIDE}.", field="size")
