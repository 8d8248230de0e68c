"""Requests in OpenAI's chat completions form."""

from collections.abc import Mapping
from typing import Any

import msgspec

from apps.inference.contracts import ChatMessage, ChatRequest, ToolSpec
from apps.inference.engine.images import as_data_url
from apps.inference.errors import ProviderRefused

# Parameters of servers that only speak OpenAI's wire; OpenAI itself refuses what it does not know.
_OF_OTHERS = ("top_k", "min_p", "repetition_penalty")
# What a server may refuse to know and the answer can do without.
OPTIONAL = (
    "stream_options", "reasoning_effort", "continue_final_message", "add_generation_prompt", *_OF_OTHERS,
)  # fmt: skip


def chat_body(request: ChatRequest, *, is_openai: bool = False, must_be_told: bool = False) -> dict[str, Any]:
    """This will make the body of a streaming request; `is_openai` for OpenAI's own spelling.

    `must_be_told` is for servers that write on from the last message only if they are told to.
    Source: vLLM's and SGLang's ChatCompletionRequest; llama.cpp does it whenever that one is the assistant's.
    """
    is_told = request.goes_on and must_be_told
    sampling = request.sampling
    options = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "seed": sampling.seed,
        "max_completion_tokens" if is_openai else "max_tokens": sampling.max_tokens,
        "stop": list(sampling.stop) or None,
        "tools": [_tool(tool) for tool in request.tools] or None,
        "tool_choice": request.tool_choice if request.tools else None,
        "logprobs": True if request.logprobs is not None else None,
        "top_logprobs": request.logprobs or None,
        "response_format": _response_format(request.response_schema),
        "reasoning_effort": _effort(think=request.think),
        "continue_final_message": True if is_told else None,
        "add_generation_prompt": False if is_told else None,
    }
    body = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **{name: value for name, value in options.items() if value is not None},
        **request.extra,
    }
    return {name: value for name, value in body.items() if name not in _OF_OTHERS} if is_openai else body


def amended(body: dict[str, Any], refusal: ProviderRefused) -> dict[str, Any] | None:
    """This will return the body without what the server refused to know, or None if that is not the matter."""
    if refusal.status not in {400, 422}:
        return None
    said = refusal.message
    if "max_completion_tokens" in said and "max_tokens" in body:
        rest = {name: value for name, value in body.items() if name != "max_tokens"}
        return {**rest, "max_completion_tokens": body["max_tokens"]}
    for name in OPTIONAL:
        if name in body and name in said:
            return {key: value for key, value in body.items() if key != name}
    return None


def _effort(*, think: bool | None) -> str | None:
    if think is None:
        return None
    return "medium" if think else "none"


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": {**function, "strict": True} if tool.is_strict else function}


def _response_format(schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if schema is None:
        return None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def _message(message: ChatMessage) -> dict[str, Any]:
    out: dict[str, Any] = {"role": message.role.value, "content": _content(message)}
    if message.tool_calls:
        out["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": msgspec.json.encode(call.arguments).decode()},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        out["tool_call_id"] = message.tool_call_id
    return out


def _content(message: ChatMessage) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}] if message.text else []
    return parts + [{"type": "image_url", "image_url": {"url": as_data_url(image)}} for image in message.images]
