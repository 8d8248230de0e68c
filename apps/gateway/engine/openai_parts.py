"""What OpenAI's request shapes have in common: texts, images, tools, schemas."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import Image, ToolCall, ToolSpec

# OpenAI's own bounds.
MAX_TOOLS = 128
Name = Annotated[str, msgspec.Meta(pattern=r"\A[a-zA-Z0-9_.-]{1,64}\Z")]
Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Penalty = Annotated[float, msgspec.Meta(ge=-2, le=2)]
TokenLimit = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Seed = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
TopLogprobs = Annotated[int, msgspec.Meta(ge=0, le=20)]
ShortText = Annotated[str, msgspec.Meta(max_length=512)]
Schema = dict[str, Any]
# No schema a person writes is nested so deep; what works on one calls itself at each level.
_MAX_DEPTH = 100
_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|jpg|webp|gif));base64,")

_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


class Function(msgspec.Struct):
    """A function a program offers, or its choice of one."""

    name: Name
    description: str | None = None
    parameters: Schema | None = None
    strict: bool | None = None


def clean(text: str) -> str:
    """This will replace NUL, which no store takes; JSON has let no lone surrogate through."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


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


def check_depth(value: Any, field: str) -> None:
    """This will refuse data nested deeper than what works on it can go."""
    level: list[Any] = [value]
    for _depth in range(_MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise BadRequest("This is nested too deeply.", field=field)


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list | tuple) else ()
