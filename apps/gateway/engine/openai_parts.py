"""What OpenAI's request shapes have in common: parameters, images, tools, schemas."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from apps.gateway.engine.fields import Name, Schema, Share, ShortText, Temperature, TopLogprobs, check_depth
from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import Image, ToolCall, ToolSpec

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|jpg|webp|gif));base64,")

_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Body(msgspec.Struct):
    """What requests for an answer may say alike; parameters that are not named are not read."""

    model: str
    stream: bool | None = None
    tool_choice: Literal["none", "auto", "required"] | Schema | None = None
    parallel_tool_calls: bool | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    top_logprobs: TopLogprobs | None = None
    user: ShortText | None = None
    prompt_cache_key: ShortText | None = None


class JsonSchema(msgspec.Struct):
    """The form an answer must have."""

    name: Name = "answer"
    schema: Schema | None = None
    strict: bool | None = None
    description: str | None = None


class Function(msgspec.Struct):
    """A function a program offers, or its choice of one."""

    name: Name
    description: str | None = None
    parameters: Schema | None = None
    strict: bool | None = None


def image_of(url: str, field: str) -> Image:
    """This will read an image out of a data: URL.

    Raises:
        UnsupportedValue: it is another address; nothing is fetched on a program's behalf.
        BadRequest: it is no image in base64.
    """
    head = _DATA_URL.match(url)
    if head is None:
        if url.startswith("data:"):
            raise BadRequest("An image is PNG, JPEG, WebP or GIF in base64.", field=field)
        raise UnsupportedValue(
            "This gateway fetches no images. Send the image itself as a data: URL (data:image/png;base64,…).",
            field=field,
        )
    try:
        data = base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise BadRequest("The image's data is no base64.", field=field)
    return Image(head[1].replace("/jpg", "/jpeg"), data)


def tool_of(function: Function, field: str) -> ToolSpec:
    """This will read a function as a tool."""
    parameters = function.parameters or {"type": "object", "properties": {}}
    check_depth(parameters, field)
    return ToolSpec(function.name, function.description or "", parameters, bool(function.strict))


def call_of(call_id: str, name: str, arguments: str) -> ToolCall:
    """This will read a call the model made earlier; arguments that are no object are kept as text."""
    try:
        parsed = _decode_object(arguments or "{}")
    except (ValueError, RecursionError):
        parsed = {"unparsed": arguments}
    check_depth(parsed, "arguments")
    return ToolCall(call_id, name, parsed)


def arguments_of(call: ToolCall) -> str:
    """This will write a call's arguments as the model wrote them."""
    arguments = call.arguments
    if len(arguments) == 1 and isinstance(arguments.get("unparsed"), str):
        return str(arguments["unparsed"])
    return _encode(arguments).decode()


def schema_of(kind: str, wanted: JsonSchema | None, field: str) -> Schema | None:
    """This will read the schema an answer must follow; None where it may say anything.

    Raises:
        BadRequest: there is none, or it is nested too deeply.
    """
    if kind == "text":
        return None
    if kind == "json_schema" and wanted is None:
        raise BadRequest(f"{field.rpartition('.')[2]} is missing.", field=field)
    schema = (wanted.schema if wanted else None) or {"type": "object"}
    check_depth(schema, field)
    return schema


def format_of(kind: str, wanted: JsonSchema | None) -> Mapping[str, Any] | None:
    """This will write a format as servers of OpenAI's wire are told it."""
    if kind == "json_object":
        return {"type": "json_object"}
    if kind == "text" or wanted is None:
        return None
    told = {name: getattr(wanted, name) for name in ("name", "schema", "strict", "description")}
    return {"type": "json_schema", "json_schema": {name: value for name, value in told.items() if value is not None}}
