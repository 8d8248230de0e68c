"""Chat completions as programs read them: whole, and as chunks made from templates.

Source: the types of the `openai` package 3.52 (chat_completion.py, chat_completion_chunk.py);
`reasoning_content` is vLLM's and DeepSeek's.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from apps.gateway.engine.answers import Answer
from apps.gateway.engine.openai_parts import arguments_of
from apps.inference.contracts import (
    CallEvent,
    FinishReason,
    Switched,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
    Usage,
)

DONE = b"data: [DONE]\n\n"

_encode = msgspec.json.Encoder().encode


class ChunkWriter:
    """Writes the chunks of one choice of a stream."""

    def __init__(
        self, *, answer_id: str, created: int, model: str, index: int = 0, includes_usage: bool = False
    ) -> None:
        base = b'data: {"id":%b,"object":"chat.completion.chunk","created":%d,"model":%b,"system_fingerprint":null' % (
            _encode(answer_id), created, _encode(model),
        )  # fmt: skip
        end = b',"usage":null}\n\n' if includes_usage else b"}\n\n"
        choice = b'%b,"choices":[{"index":%d,"delta":' % (base, index)
        self._base = base
        self._text = choice + b'{"content":'
        self._thought = choice + b'{"reasoning_content":'
        self._other = choice
        self._logprobs = b'},"logprobs":{"content":'
        self._end = b',"refusal":null},"finish_reason":null}]' + end
        self._text_end = b'},"logprobs":null,"finish_reason":null}]' + end
        self._reason = b'{},"logprobs":null,"finish_reason":"%b"}]' + end
        self._call_count = 0

    def begin(self) -> bytes:
        """This will write the first chunk, which says who speaks."""
        return self._other + b'{"role":"assistant","content":"","refusal":null' + self._text_end

    def write(self, event: CallEvent) -> bytes:
        """This will write the chunk of an event; of some there is none."""
        if type(event) is TextDelta:
            if event.logprobs:
                return b"".join((self._text, _encode(event.text), self._logprobs, _encode(event.logprobs), self._end))
            return b"".join((self._text, _encode(event.text), self._text_end))
        if isinstance(event, ThinkingDelta):
            return b"".join((self._thought, _encode(event.text), self._text_end))
        if isinstance(event, ToolCallRequested):
            return self._call(event)
        if isinstance(event, Switched):
            return b": another server goes on\n\n"
        return b""

    def finish(self, reason: FinishReason) -> bytes:
        """This will write the choice's last chunk, which says why it ends."""
        return self._other + self._reason % reason.value.encode()

    def usage(self, usage: Usage) -> bytes:
        """This will write the last chunk of a stream that tells what was used."""
        return self._base + b',"choices":[],"usage":' + _encode(usage_object(usage)) + b"}\n\n"

    def _call(self, event: ToolCallRequested) -> bytes:
        call = _call_object(event.call)
        delta = {"tool_calls": [{"index": self._call_count, **call}]}
        self._call_count += 1
        return self._other + _encode(delta)[:-1] + self._text_end


def completion(answers: Sequence[Answer], usage: Usage, *, answer_id: str, created: int, model: str) -> bytes:
    """This will write a whole completion."""
    return _encode(
        {
            "id": answer_id,
            "object": "chat.completion",
            "created": created,
            "model": model,
            "system_fingerprint": None,
            "choices": [_choice(index, answer) for index, answer in enumerate(answers)],
            "usage": usage_object(usage),
        }
    )


def _choice(index: int, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None, "annotations": []}
    if answer.thought:
        message["reasoning_content"] = answer.thought
    if answer.calls:
        message["content"] = answer.text or None
        message["tool_calls"] = [_call_object(call) for call in answer.calls]
    return {
        "index": index,
        "message": message,
        "logprobs": {"content": answer.logprobs, "refusal": None} if answer.logprobs else None,
        "finish_reason": answer.reason.value,
    }


def _call_object(call: Any) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments_of(call)}}


def usage_object(usage: Usage) -> dict[str, Any]:
    """This will write what was used."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
