"""Responses as programs ask for them.

Source: the types of the `openai` package 3.52 (responses/response_create_params.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec

from apps.gateway.engine.fields import MAX_TOOLS, Name, Schema, ShortText, TokenLimit, clean
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
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Image, Sampling, ToolCall, ToolSpec


class _Part(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None


class _Item(msgspec.Struct):
    type: str = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[_Part] | None = None
    call_id: ShortText | None = None
    name: Name | None = None
    arguments: str | None = None
    output: str | list[_Part] | None = None


class _Tool(msgspec.Struct):
    type: str
    name: Name | None = None
    description: str | None = None
    parameters: Schema | None = None
    strict: bool | None = None


class _Format(JsonSchema, kw_only=True):
    type: Literal["text", "json_object", "json_schema"]


class _Text(msgspec.Struct):
    format: _Format | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class _Reasoning(msgspec.Struct):
    effort: Effort | None = None
    summary: str | None = None


class ResponsesBody(Body, kw_only=True):
    """The body of a request."""

    input: str | Annotated[list[_Item], msgspec.Meta(min_length=1)]
    instructions: str | None = None
    tools: Annotated[list[_Tool], msgspec.Meta(max_length=MAX_TOOLS)] | None = None
    text: _Text | None = None
    reasoning: _Reasoning | None = None
    max_output_tokens: TokenLimit | None = None
    metadata: Annotated[dict[str, ShortText], msgspec.Meta(max_length=16)] | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    prompt: Any = None
    background: bool | None = None


def response_request(body: ResponsesBody, *, model: str, may_think: bool) -> ChatRequest:
    """This will read a request; `may_think` if the model is one that can.

    Raises:
        BadRequest: what it asks for does not fit together; `field` says where.
        UnsupportedValue: it asks for what this gateway does not do.
    """
    _check(body)
    effort = body.reasoning.effort if body.reasoning else None
    wanted = (body.text.format if body.text else None) or _Format(type="text")
    tools = tuple(_tool(tool, f"tools[{index}]") for index, tool in enumerate(body.tools or ()))
    return ChatRequest(
        model=model,
        messages=_messages(body),
        tools=() if body.tool_choice == "none" else tools,
        tool_choice=_choice(body.tool_choice, tools),
        response_schema=schema_of(wanted.type, wanted if wanted.schema else None, "text.format.schema"),
        sampling=Sampling(temperature=body.temperature, top_p=body.top_p, max_tokens=body.max_output_tokens),
        think=effort != "none" if effort and may_think else None,
        logprobs=body.top_logprobs,
        extra=_extra(body, effort, wanted),
    )


def _check(body: ResponsesBody) -> None:
    if body.previous_response_id:
        raise UnsupportedValue(
            "This gateway keeps no responses, so none can be gone on with. Send the earlier turns in input.",
            field="previous_response_id",
        )
    for name in ("conversation", "prompt", "background"):
        if getattr(body, name):
            raise UnsupportedValue(f"This gateway does not know {name}. Send everything in input.", field=name)


def _extra(body: ResponsesBody, effort: str | None, wanted: _Format) -> Mapping[str, Any]:
    extra = {
        "reasoning_effort": effort,
        "verbosity": body.text.verbosity if body.text else None,
        "user": body.user,
        "parallel_tool_calls": body.parallel_tool_calls if body.tools else None,
        "response_format": format_of(wanted.type, wanted),
    }
    return {name: value for name, value in extra.items() if value is not None}


def _tool(tool: _Tool, field: str) -> ToolSpec:
    if tool.type != "function":
        raise UnsupportedValue("This gateway takes tools of the type function alone.", field=f"{field}.type")
    if not tool.name:
        raise BadRequest("A function needs a name.", field=f"{field}.name")
    return tool_of(Function(tool.name, tool.description, tool.parameters, tool.strict), f"{field}.parameters")


def _choice(wanted: Any, tools: Sequence[ToolSpec]) -> Any:
    if wanted in (None, "none", "auto"):
        return None if wanted == "none" else wanted
    if not tools:
        raise BadRequest("tool_choice needs tools.", field="tool_choice")
    if isinstance(wanted, str):
        return wanted
    if wanted.get("type") != "function" or all(tool.name != wanted.get("name") for tool in tools):
        raise BadRequest("tool_choice names a function that is not among the tools.", field="tool_choice")
    return {"type": "function", "function": {"name": wanted["name"]}}


def _messages(body: ResponsesBody) -> tuple[ChatMessage, ...]:
    messages = [ChatMessage(ChatRole.SYSTEM, clean(body.instructions))] if body.instructions else []
    if isinstance(body.input, str):
        return (*messages, ChatMessage(ChatRole.USER, clean(body.input)))
    calls: dict[int, list[ToolCall]] = {}
    for index, item in enumerate(body.input):
        _add(messages, calls, item, f"input[{index}]")
    for place, made in calls.items():
        messages[place] = replace(messages[place], tool_calls=tuple(made))
    if not messages:
        raise BadRequest("input holds nothing to answer.", field="input")
    return tuple(messages)


def _add(messages: list[ChatMessage], calls: dict[int, list[ToolCall]], item: _Item, place: str) -> None:
    if item.type == "message":
        messages.append(_message(item, place))
    elif item.type == "function_call":
        _add_call(messages, calls, item, place)
    elif item.type == "function_call_output":
        if not item.call_id:
            raise BadRequest("An output needs the call_id of its call.", field=f"{place}.call_id")
        text, images = _content(item.output, f"{place}.output", may_see=False)
        messages.append(ChatMessage(ChatRole.TOOL, text, images, tool_call_id=item.call_id))
    elif item.type != "reasoning":  # a model is not told what it thought before
        raise UnsupportedValue(f"This gateway takes no items of the type {item.type[:50]}.", field=f"{place}.type")


def _add_call(messages: list[ChatMessage], calls: dict[int, list[ToolCall]], item: _Item, place: str) -> None:
    """A call belongs to the assistant's message before it."""
    if not item.call_id or not item.name:
        raise BadRequest("A call needs call_id and name.", field=place)
    if not messages or messages[-1].role is not ChatRole.ASSISTANT:
        messages.append(ChatMessage(ChatRole.ASSISTANT, ""))
    calls.setdefault(len(messages) - 1, []).append(call_of(item.call_id, item.name, item.arguments or ""))


_ROLES = {"system": ChatRole.SYSTEM, "developer": ChatRole.SYSTEM, "assistant": ChatRole.ASSISTANT}


def _message(item: _Item, place: str) -> ChatMessage:
    if item.role is None or item.content is None:
        raise BadRequest("A message needs role and content.", field=place)
    text, images = _content(item.content, f"{place}.content", may_see=item.role == "user")
    return ChatMessage(_ROLES.get(item.role, ChatRole.USER), text, images)


def _content(content: str | list[_Part] | None, place: str, *, may_see: bool) -> tuple[str, tuple[Image, ...]]:
    if not isinstance(content, list):
        return clean(content or ""), ()
    texts: list[str] = []
    images: list[Image] = []
    for index, part in enumerate(content):
        field = f"{place}[{index}]"
        if part.type in {"input_text", "output_text", "text", "refusal"}:
            texts.append(clean(part.text or part.refusal or ""))
        elif part.type == "input_image" and part.image_url and may_see:
            images.append(image_of(part.image_url, f"{field}.image_url"))
        else:
            raise UnsupportedValue("This gateway takes no part of this type here.", field=field)
    return "\n".join(texts), tuple(images)
