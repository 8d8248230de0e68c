"""Requests in the shape of Anthropic's Messages API, read and turned into Olympus's own.

Source: the types of the `anthropic` package 2.12 (message_create_params.py, content_block_param.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from apps.gateway.engine.anthropic_blocks import (
    AnyBlock,
    Picture,
    ResultBlock,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    image_of,
    words_of,
)
from apps.gateway.engine.fields import MAX_TOOLS, Share, Temperature, TokenLimit, check_depth, clean
from apps.gateway.errors import BadRequest, UnsupportedValue
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Image, Sampling, ToolCall, ToolSpec

_MOST_STOPS = 64
# Anthropic's own bound.
_ToolName = Annotated[str, msgspec.Meta(pattern=r"\A[a-zA-Z0-9_-]{1,128}\Z")]


class Message(msgspec.Struct):
    """One turn."""

    role: Literal["user", "assistant", "system"]
    content: str | list[AnyBlock]


class Tool(msgspec.Struct):
    """A tool the program offers; `type` other than `custom` names one of Anthropic's own."""

    name: _ToolName
    input_schema: dict[str, Any] | None = None
    description: str | None = None
    type: str | None = None


class ToolChoice(msgspec.Struct):
    """Whether a tool must be called."""

    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class ThinkingWish(msgspec.Struct):
    """Whether the model should reason first."""

    type: Literal["enabled", "disabled", "adaptive", "between_tools"]


class Format(msgspec.Struct):
    """The form an answer must have."""

    type: Literal["json_schema"]
    schema: dict[str, Any]


class OutputConfig(msgspec.Struct):
    """How to answer."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: Format | None = None


class Counted(msgspec.Struct):
    """What `/v1/messages/count_tokens` takes, and every message."""

    model: str
    messages: Annotated[list[Message], msgspec.Meta(min_length=1)]
    system: str | list[Text] | None = None
    tools: Annotated[list[Tool], msgspec.Meta(max_length=MAX_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    thinking: ThinkingWish | None = None
    output_config: OutputConfig | None = None
    mcp_servers: list[msgspec.Raw] | None = None


class Asked(Counted, kw_only=True):
    """What `/v1/messages` takes."""

    max_tokens: TokenLimit
    stream: bool | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0, le=10**6)] | None = None
    stop_sequences: Annotated[list[str], msgspec.Meta(max_length=_MOST_STOPS)] | None = None


ASKED: msgspec.json.Decoder[Asked] = msgspec.json.Decoder(Asked)
COUNTED: msgspec.json.Decoder[Counted] = msgspec.json.Decoder(Counted)

_ROLES = {"user": ChatRole.USER, "assistant": ChatRole.ASSISTANT, "system": ChatRole.SYSTEM}
_SIDES = frozenset({ChatRole.USER, ChatRole.ASSISTANT})
_THINK = {"enabled": True, "disabled": False}
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}


def request_of(asked: Asked, *, model: str, can_think: bool) -> ChatRequest:
    """This will turn what a program asked into a request to `model`.

    Raises:
        BadRequest: a part of it is something Olympus does not do; `field` says where.
    """
    prompt = prompt_of(asked)
    if not prompt:
        raise BadRequest("The messages say nothing.", field="messages")
    last = prompt[-1]
    tool_choice = _tool_choice(asked)
    config = asked.output_config or OutputConfig()
    wish = asked.thinking.type if asked.thinking else ""
    if config.format:
        check_depth(config.format.schema, "output_config.format.schema")
    return ChatRequest(
        model,
        prompt,
        tools=tools_of(asked.tools or ()) if tool_choice != "none" else (),
        response_schema=config.format.schema if config.format else None,
        sampling=Sampling(
            temperature=asked.temperature,
            top_p=asked.top_p,
            top_k=asked.top_k,
            max_tokens=asked.max_tokens,
            stop=tuple(asked.stop_sequences or ()),
        ),
        think=_THINK.get(wish) if can_think else None,
        tool_choice=tool_choice if tool_choice != "none" else None,
        extra=_extra(asked, config, can_think=can_think),
        goes_on=last.role is ChatRole.ASSISTANT and not last.tool_calls,
    )


def prompt_of(asked: Counted) -> tuple[ChatMessage, ...]:
    """This will turn the turns, with the system prompt before them, into a prompt.

    Raises:
        BadRequest
    """
    if asked.mcp_servers:
        raise UnsupportedValue("This gateway calls no MCP servers; offer their tools as tools.", field="mcp_servers")
    system = asked.system if isinstance(asked.system, str) else words_of(asked.system or ())
    first = [ChatMessage(ChatRole.SYSTEM, clean(system))] if system else []
    turns = (
        turn for index, message in enumerate(asked.messages) for turn in _turns(message, f"messages[{index}].content")
    )
    return (*first, *(_joined(run) for run in _runs(turns)))


def tools_of(tools: Sequence[Tool]) -> tuple[ToolSpec, ...]:
    """This will turn tools into Olympus's own; tools that Anthropic runs itself are refused."""
    specs = []
    for index, tool in enumerate(tools):
        if tool.type not in {None, "custom"} or tool.input_schema is None:
            raise UnsupportedValue(
                "Tools of Anthropic's own are not run here; offer a tool with a name and an input_schema.",
                field=f"tools[{index}]",
            )
        check_depth(tool.input_schema, f"tools[{index}].input_schema")
        specs.append(ToolSpec(tool.name, tool.description or "", tool.input_schema))
    return tuple(specs)


def _turns(message: Message, place: str) -> Iterator[ChatMessage]:
    """The results of tools come first, each a message of its own; then what was said with them."""
    if isinstance(message.content, str):
        yield ChatMessage(_ROLES[message.role], clean(message.content))
        return
    pictures: list[Image] = []
    said = []
    calls = []
    for index, block in enumerate(message.content):
        if isinstance(block, ToolResult):
            yield _result(block, pictures, f"{place}[{index}].content")
        elif isinstance(block, ToolUse):
            check_depth(block.input, f"{place}[{index}].input")
            calls.append(ToolCall(block.id, block.name, block.input))
        elif isinstance(block, Picture):
            pictures.append(image_of(block, f"{place}[{index}].source"))
        elif not isinstance(block, Thinking):
            said.append(block)
    if said or calls or pictures:
        text = clean(words_of(said, place))
        yield ChatMessage(_ROLES[message.role], text, images=tuple(pictures), tool_calls=tuple(calls))


def _result(block: ToolResult, pictures: list[Image], place: str) -> ChatMessage:
    """A tool's answer; its pictures go with what the user says next, since servers take none from a tool."""
    text = block.content if isinstance(block.content, str) else _result_words(block.content or (), pictures, place)
    said = f"Error: {text}" if block.is_error else text
    return ChatMessage(ChatRole.TOOL, clean(said), tool_call_id=block.tool_use_id)


def _result_words(blocks: Sequence[ResultBlock], pictures: list[Image], place: str) -> str:
    pictures += [
        image_of(block, f"{place}[{index}].source") for index, block in enumerate(blocks) if isinstance(block, Picture)
    ]
    return words_of([block for block in blocks if not isinstance(block, Picture)], place)


def _runs(turns: Iterable[ChatMessage]) -> Iterator[list[ChatMessage]]:
    """Turns that follow each other and are of one side; servers want the sides to take turns."""
    run: list[ChatMessage] = []
    for turn in turns:
        if run and not (turn.role is run[-1].role and turn.role in _SIDES and not run[-1].tool_calls):
            yield run
            run = []
        run.append(turn)
    if run:
        yield run


def _joined(run: Sequence[ChatMessage]) -> ChatMessage:
    if len(run) == 1:
        return run[0]
    text = "\n".join(turn.text for turn in run if turn.text)
    images = tuple(image for turn in run for image in turn.images)
    return ChatMessage(run[0].role, text, images=images, tool_calls=run[-1].tool_calls)


def _tool_choice(asked: Counted) -> str | Mapping[str, Any] | None:
    choice = asked.tool_choice
    if choice is None:
        return None
    if choice.type in {"any", "tool"} and not asked.tools:
        raise BadRequest("tool_choice needs tools.", field="tool_choice")
    if choice.type != "tool":
        return {"auto": "auto", "any": "required", "none": "none"}[choice.type]
    if all(tool.name != choice.name for tool in asked.tools or ()):
        raise BadRequest("tool_choice names a tool that is not among the tools.", field="tool_choice.name")
    return {"type": "function", "function": {"name": choice.name}}


def _extra(asked: Asked, config: OutputConfig, *, can_think: bool) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if asked.tool_choice is not None and asked.tool_choice.disable_parallel_tool_use is not None and asked.tools:
        extra["parallel_tool_calls"] = not asked.tool_choice.disable_parallel_tool_use
    if config.effort is not None and can_think:
        extra["reasoning_effort"] = _EFFORTS[config.effort]
    return extra
