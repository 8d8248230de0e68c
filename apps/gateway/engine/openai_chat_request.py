"""Chat completions as programs ask for them.

Source: the types of the `openai` package 3.52 (chat/completion_create_params.py).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from apps.gateway.engine.fields import MAX_TOOLS, Name, Penalty, Seed, Share, ShortText, TokenLimit, check_depth, clean
from apps.gateway.engine.openai_parts import (
    Body,
    Effort,
    Function,
    JsonSchema,
    call_of,
    format_of,
    image_of,
    schema_of,
    tool_of,
)
from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Image, Sampling, ToolCall

# Each is a call of its own.
MAX_CHOICES = 8
# OpenAI takes four; servers of open models take more, and programs made for them send more.
_MAX_STOPS = 16


class _ImageUrl(msgspec.Struct):
    url: str


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: _ImageUrl | None = None


class _CalledFunction(msgspec.Struct):
    name: Name
    arguments: str = ""


class _Call(msgspec.Struct):
    id: ShortText
    function: _CalledFunction
    type: Literal["function"] = "function"


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: ShortText | None = None


class _Tool(msgspec.Struct):
    function: Function
    type: Literal["function"] = "function"


class _Format(msgspec.Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatBody(Body, kw_only=True):
    """The body of a request."""

    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    stream_options: _StreamOptions | None = None
    n: Annotated[int, msgspec.Meta(ge=1, le=MAX_CHOICES)] | None = None
    tools: Annotated[list[_Tool], msgspec.Meta(max_length=MAX_TOOLS)] | None = None
    response_format: _Format | None = None
    max_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    min_p: Share | None = None
    seed: Seed | None = None
    stop: str | Annotated[list[str], msgspec.Meta(max_length=_MAX_STOPS)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    repetition_penalty: Annotated[float, msgspec.Meta(gt=0, le=10)] | None = None
    logit_bias: dict[str, Annotated[float, msgspec.Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    reasoning_effort: Effort | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[str] | None = None
    functions: list[Any] | None = None

    @property
    def includes_usage(self) -> bool:
        """Whether a stream ends with what was used."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)


_PASSED_ON = (
    "frequency_penalty", "presence_penalty", "repetition_penalty", "min_p", "logit_bias", "parallel_tool_calls",
    "verbosity", "user", "reasoning_effort",
)  # fmt: skip


def chat_request(body: ChatBody, *, model: str, may_think: bool) -> ChatRequest:
    """This will read a request; `may_think` if the model is one that can.

    Raises:
        BadRequest: what it asks for does not fit together; `field` says where.
    """
    _check(body)
    wanted = body.response_format or _Format("text")
    return ChatRequest(
        model=model,
        messages=_messages(body.messages),
        tools=() if body.tool_choice == "none" else _tools(body.tools or ()),
        tool_choice=body.tool_choice if body.tool_choice != "none" else None,
        response_schema=schema_of(wanted.type, wanted.json_schema, "response_format.json_schema"),
        sampling=_sampling(body),
        think=body.reasoning_effort != "none" if body.reasoning_effort and may_think else None,
        logprobs=(body.top_logprobs or 0) if body.logprobs else None,
        extra=_extra(body, wanted),
    )


def _check(body: ChatBody) -> None:
    if body.functions:
        raise UnsupportedValue("functions is no longer taken; send tools instead.", field="functions")
    if body.modalities and body.modalities != ["text"]:
        raise UnsupportedValue(
            "Chat answers with text alone. For speech there is /v1/audio/speech.", field="modalities"
        )
    if body.top_logprobs is not None and not body.logprobs:
        raise BadRequest("top_logprobs needs logprobs to be true.", field="top_logprobs")
    if body.stream_options is not None and not body.stream:
        raise BadRequest("stream_options is only for streams.", field="stream_options")
    if body.tool_choice not in (None, "none", "auto"):
        _check_choice(body)


def _check_choice(body: ChatBody) -> None:
    check_depth(body.tool_choice, "tool_choice")
    if not body.tools:
        raise BadRequest("tool_choice needs tools.", field="tool_choice")
    if isinstance(body.tool_choice, dict) and body.tool_choice.get("type") == "function":
        chosen = body.tool_choice.get("function")
        name = chosen.get("name") if isinstance(chosen, dict) else None
        if all(tool.function.name != name for tool in body.tools):
            raise BadRequest("tool_choice names a function that is not among the tools.", field="tool_choice")


def _sampling(body: ChatBody) -> Sampling:
    stops = [body.stop] if isinstance(body.stop, str) else body.stop or []
    return Sampling(
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=body.top_k,
        seed=body.seed,
        max_tokens=body.max_completion_tokens or body.max_tokens,
        stop=tuple(clean(stop) for stop in stops if stop),
    )


def _extra(body: ChatBody, wanted: _Format) -> Mapping[str, Any]:
    extra = {name: value for name in _PASSED_ON if (value := getattr(body, name)) is not None}
    if not body.tools:
        extra.pop("parallel_tool_calls", None)
    if told := format_of(wanted.type, wanted.json_schema):
        extra["response_format"] = told
    return extra


def _tools(tools: Sequence[_Tool]) -> tuple[Any, ...]:
    return tuple(tool_of(tool.function, f"tools[{index}].function.parameters") for index, tool in enumerate(tools))


_ROLES = {
    "system": ChatRole.SYSTEM,
    "developer": ChatRole.SYSTEM,
    "user": ChatRole.USER,
    "assistant": ChatRole.ASSISTANT,
    "tool": ChatRole.TOOL,
}


def _messages(messages: Sequence[_Message]) -> tuple[ChatMessage, ...]:
    return tuple(_message(message, f"messages[{index}]") for index, message in enumerate(messages))


def _message(message: _Message, place: str) -> ChatMessage:
    if message.role == "tool" and not message.tool_call_id:
        raise BadRequest("A message of the role tool needs tool_call_id.", field=f"{place}.tool_call_id")
    if message.content is None and not message.tool_calls and message.role != "assistant":
        raise BadRequest("A message needs content.", field=f"{place}.content")
    text, images = _content(message, f"{place}.content")
    return ChatMessage(
        role=_ROLES[message.role],
        text=text,
        images=images,
        tool_calls=_calls(message.tool_calls or ()) if message.role == "assistant" else (),
        tool_call_id=message.tool_call_id if message.role == "tool" else None,
    )


def _calls(calls: Sequence[_Call]) -> tuple[ToolCall, ...]:
    return tuple(call_of(call.id, call.function.name, call.function.arguments) for call in calls)


def _content(message: _Message, place: str) -> tuple[str, tuple[Image, ...]]:
    content = message.content
    if content is None or isinstance(content, str):
        return clean(content or ""), ()
    texts: list[str] = []
    images: list[Image] = []
    for index, part in enumerate(content):
        field = f"{place}[{index}]"
        if part.type == "image_url" and part.image_url is not None and message.role == "user":
            images.append(image_of(part.image_url.url, f"{field}.image_url.url"))
        elif part.type in {"text", "refusal"}:
            texts.append(clean(part.text or part.refusal or ""))
        else:
            raise UnsupportedValue(f"A message of the role {message.role} takes no part of this type.", field=field)
    return "\n".join(texts), tuple(images)
