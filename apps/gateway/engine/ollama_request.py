"""Requests in Ollama's shape, read and turned into Olympus's own.

Source: github.com/ollama/ollama, api/types.go, as of August 2026.
"""

import base64
import binascii
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from apps.gateway.engine.fields import MAX_TOOLS, Name, Seed, Share, TopLogprobs, check_depth, clean
from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Image, Sampling, ToolCall, ToolSpec

_MOST_STOPS = 64

_Temperature = Annotated[float, msgspec.Meta(ge=0, le=100)]
_Penalty = Annotated[float, msgspec.Meta(ge=-100, le=100)]
_KeepAlive = float | str
_Think = bool | Literal["low", "medium", "high", "max"]
_Stops = Annotated[list[str], msgspec.Meta(max_length=_MOST_STOPS)]


class Options(msgspec.Struct):
    """How to generate. What concerns a server's memory and threads is Olympus's to say and is left unread.

    `num_ctx` is such: a server that is asked for another loads the model anew, under everybody who uses it.
    """

    temperature: _Temperature | None = None
    top_p: Share | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0, le=10**6)] | None = None
    seed: Seed | None = None
    num_predict: Annotated[int, msgspec.Meta(ge=-2, le=10**9)] | None = None
    num_ctx: Annotated[int, msgspec.Meta(ge=0, le=10**9)] | None = None
    stop: str | _Stops | None = None
    presence_penalty: _Penalty | None = None
    frequency_penalty: _Penalty | None = None
    repeat_penalty: Annotated[float, msgspec.Meta(gt=0, le=10)] | None = None
    min_p: Share | None = None


class Function(msgspec.Struct):
    """What a call calls."""

    name: str
    arguments: dict[str, Any] | None = None


class Call(msgspec.Struct):
    """A model's wish to call a tool."""

    function: Function
    id: str | None = None


class Message(msgspec.Struct):
    """One message; a tool's answer names the tool, or the call."""

    role: str
    content: str | None = None
    images: list[str] | None = None
    tool_calls: list[Call] | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None


class ToolFunction(msgspec.Struct):
    """What a tool is called and takes."""

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(msgspec.Struct):
    """A tool the program offers."""

    function: ToolFunction
    type: str | None = None


class Generating(msgspec.Struct):
    """What chat and generate have in common. `keep_alive` is read and left to Olympus, whose servers are shared."""

    model: str
    stream: bool | None = None
    format: str | dict[str, Any] | None = None
    options: Options | None = None
    keep_alive: _KeepAlive | None = None
    think: _Think | None = None
    logprobs: bool | None = None
    top_logprobs: TopLogprobs | None = None


class Chat(Generating, kw_only=True):
    """What `/api/chat` takes."""

    messages: list[Message] | None = None
    tools: Annotated[list[Tool], msgspec.Meta(max_length=MAX_TOOLS)] | None = None


class Generate(Generating, kw_only=True):
    """What `/api/generate` takes."""

    prompt: str | None = None
    system: str | None = None
    suffix: str | None = None
    template: str | None = None
    context: list[int] | None = None
    raw: bool | None = None
    images: list[str] | None = None


class Embed(msgspec.Struct):
    """What `/api/embed` takes."""

    model: str
    input: str | list[str] | None = None
    dimensions: Annotated[int, msgspec.Meta(ge=0, le=65_536)] | None = None
    truncate: bool | None = None
    keep_alive: _KeepAlive | None = None


class OldEmbed(msgspec.Struct):
    """What `/api/embeddings`, the form before, takes."""

    model: str
    prompt: str = ""


class Show(msgspec.Struct):
    """What `/api/show` takes."""

    model: str = ""
    name: str = ""


CHAT: msgspec.json.Decoder[Chat] = msgspec.json.Decoder(Chat)
GENERATE: msgspec.json.Decoder[Generate] = msgspec.json.Decoder(Generate)
EMBED: msgspec.json.Decoder[Embed] = msgspec.json.Decoder(Embed)
OLD_EMBED: msgspec.json.Decoder[OldEmbed] = msgspec.json.Decoder(OldEmbed)
SHOW: msgspec.json.Decoder[Show] = msgspec.json.Decoder(Show)

_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def request_of_chat(asked: Chat, *, model: str, can_think: bool) -> ChatRequest:
    """This will turn what `/api/chat` was asked into a request to `model`.

    Raises:
        BadRequest: a part of it is something Olympus does not do; `field` says where.
    """
    return _request(
        asked,
        model,
        _prompt(asked.messages or ()),
        tools=tuple(_tool(tool, f"tools[{index}]") for index, tool in enumerate(asked.tools or ())),
        can_think=can_think,
    )


def request_of_generate(asked: Generate, *, model: str, can_think: bool) -> ChatRequest:
    """This will turn what `/api/generate` was asked into a request to `model`: one question, with its system prompt.

    Raises:
        BadRequest: a part of it is something Olympus does not do; `field` says where.
    """
    for field in ("raw", "suffix", "template", "context"):
        if getattr(asked, field):
            raise UnsupportedValue(
                f"This gateway asks models by messages and has no {field}. Leave it out, or use /api/chat.", field=field
            )
    system = [ChatMessage(ChatRole.SYSTEM, clean(asked.system))] if asked.system else []
    pictures = _images(asked.images, "images")
    question = ChatMessage(ChatRole.USER, clean(asked.prompt or ""), images=pictures)
    return _request(asked, model, (*system, question), tools=(), can_think=can_think)


def _request(
    asked: Generating,
    model: str,
    prompt: tuple[ChatMessage, ...],
    *,
    tools: tuple[ToolSpec, ...],
    can_think: bool,
) -> ChatRequest:
    options = asked.options or Options()
    last = prompt[-1]
    return ChatRequest(
        model,
        prompt,
        tools=tools,
        response_schema=_schema(asked.format),
        sampling=_sampling(options),
        think=None if asked.think is None or not can_think else bool(asked.think),
        logprobs=asked.top_logprobs or 0 if asked.logprobs else None,
        extra=_extra(options),
        goes_on=last.role is ChatRole.ASSISTANT and not last.tool_calls,
    )


def _sampling(options: Options) -> Sampling:
    stop = [options.stop] if isinstance(options.stop, str) else options.stop or []
    # Ollama's -1 and -2 are "no end" and "until the context is full": what a server does anyway.
    limit = options.num_predict if options.num_predict is not None and options.num_predict > 0 else None
    return Sampling(
        temperature=options.temperature,
        top_p=options.top_p,
        top_k=options.top_k,
        seed=options.seed,
        max_tokens=limit,
        stop=tuple(stop),
    )


def _extra(options: Options) -> dict[str, Any]:
    more = {
        "presence_penalty": options.presence_penalty,
        "frequency_penalty": options.frequency_penalty,
        "repetition_penalty": options.repeat_penalty,
        "min_p": options.min_p,
    }
    return {name: value for name, value in more.items() if value is not None}


def _schema(wanted: str | dict[str, Any] | None) -> dict[str, Any] | None:
    if isinstance(wanted, dict):
        check_depth(wanted, "format")
        return wanted
    if not wanted:
        return None
    if wanted != "json":
        raise BadRequest("The format is 'json' or a JSON schema.", field="format")
    return {"type": "object"}


def _tool(tool: Tool, place: str) -> ToolSpec:
    function = tool.function
    check_depth(function.parameters, f"{place}.function.parameters")
    return ToolSpec(
        function.name, function.description or "", function.parameters or {"type": "object", "properties": {}}
    )


def _prompt(messages: Sequence[Message]) -> tuple[ChatMessage, ...]:
    names = _CallNames()
    return tuple(_message(message, names, f"messages[{index}]") for index, message in enumerate(messages))


def _message(message: Message, names: "_CallNames", place: str) -> ChatMessage:
    try:
        role = ChatRole(message.role.lower())
    except ValueError as error:
        raise BadRequest("A role is system, user, assistant or tool.", field=f"{place}.role") from error
    return ChatMessage(
        role,
        clean(message.content or ""),
        images=_images(message.images, f"{place}.images"),
        tool_calls=tuple(names.take(call) for call in message.tool_calls or ()),
        tool_call_id=names.answered(message) if role is ChatRole.TOOL else None,
    )


class _CallNames:
    """Calls without an answer yet: Ollama's programs name the tool that answers, others the call."""

    def __init__(self) -> None:
        self._all: deque[str] = deque()
        self._by_tool: defaultdict[str, deque[str]] = defaultdict(deque)
        self._answered: set[str] = set()
        self._count = 0

    def take(self, call: Call) -> ToolCall:
        """Keep a call, under an id of its own if it has none."""
        check_depth(call.function.arguments, "tool_calls.function.arguments")
        call_id = call.id or f"call_{self._count}"
        self._count += 1
        self._all.append(call_id)
        self._by_tool[call.function.name].append(call_id)
        return ToolCall(call_id, call.function.name, call.function.arguments or {})

    def answered(self, message: Message) -> str:
        """The id of the call a tool's message answers: the one it names, else the first of its tool, else the first."""
        of_tool = self._by_tool.get(message.tool_name or "", deque())
        found = message.tool_call_id or self._first(of_tool) or self._first(self._all)
        self._answered.add(found)
        return found or message.tool_name or "call"

    def _first(self, calls: deque[str]) -> str:
        while calls:
            call_id = calls.popleft()
            if call_id not in self._answered:
                return call_id
        return ""


def _images(encoded: Sequence[str] | None, place: str) -> tuple[Image, ...]:
    return tuple(_image(each, f"{place}[{index}]") for index, each in enumerate(encoded or ()))


def _image(encoded: str, place: str) -> Image:
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("The picture is no valid base64.", field=place) from error
    media_type = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if media_type is None:
        raise BadRequest("The picture is no PNG, JPEG, GIF or WebP.", field=place)
    return Image(media_type, data)
