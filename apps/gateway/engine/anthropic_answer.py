"""Answers in the shape of Anthropic's Messages API: one message, or the events it streams in.

Source: the types of the `anthropic` package 2.12 (message.py, raw_*_event.py, usage.py).
"""

from collections.abc import Callable
from typing import Any

import msgspec

from apps.gateway.engine.answers import Used
from apps.inference.contracts import (
    CallEvent,
    Finished,
    FinishReason,
    Switched,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
    Usage,
)

_encode = msgspec.json.Encoder().encode
_REASONS = {
    FinishReason.STOP: "end_turn",
    FinishReason.LENGTH: "max_tokens",
    FinishReason.TOOL_CALLS: "tool_use",
    FinishReason.CONTENT_FILTER: "refusal",
}
_EMPTY: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}
# The fields of the delta that more of a block comes in.
_DELTAS = {"text": b'"text_delta","text":', "thinking": b'"thinking_delta","thinking":'}
_PING = b'event: ping\ndata: {"type":"ping"}\n\n'


def _tokens(usage: Usage) -> dict[str, int]:
    """What was used; those tokens that were read from a cache are apart."""
    return {
        "input_tokens": max(0, usage.prompt_tokens - usage.cached_tokens),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


def _message(message_id: str, model: str, usage: Usage, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _tokens(usage),
    }


class MessageFold:
    """Gathers an answer into one message."""

    def __init__(self) -> None:
        self._used = Used()
        self._content: list[dict[str, Any]] = []
        self._parts: list[str] = []

    def add(self, event: CallEvent) -> None:
        """This will take the answer's next event; when another server began anew, what came before does not count."""
        self._used.add(event)
        match event:
            case TextDelta():
                self._say("text", event.text)
            case ThinkingDelta():
                self._say("thinking", event.text)
            case Switched(is_break=True):
                self._content, self._parts = [], []
            case ToolCallRequested():
                self._close()
                call = event.call
                self._content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments})

    def message(self, *, message_id: str, model: str, input_tokens: Callable[[], int]) -> dict[str, Any]:
        """This will give the message; `input_tokens` is estimated only if the server did not count."""
        self._close()
        message = _message(message_id, model, self._used.usage(input_tokens), self._content)
        return {**message, "stop_reason": _REASONS[self._used.reason]}

    def _say(self, kind: str, text: str) -> None:
        if not self._parts or self._content[-1]["type"] != kind:
            self._close()
            self._content.append(dict(_EMPTY[kind]))
        self._parts.append(text)

    def _close(self) -> None:
        if self._parts:
            block = self._content[-1]
            block[block["type"]] = "".join(self._parts)
            self._parts = []


class MessageStream:
    """Writes an answer as events. The first event that is written is preceded by the message's start."""

    def __init__(self, *, message_id: str, model: str, input_tokens: int) -> None:
        self._id, self._model = message_id, model
        self._input_tokens = input_tokens
        self._used = Used()
        self._has_started = False
        self._open = ""
        self._index = -1

    def add(self, event: CallEvent) -> bytes:
        """This will write the answer's next event; empty for one the shape has no place for."""
        self._used.add(event)
        match event:
            case TextDelta():
                data = self._say("text", event.text)
            case ThinkingDelta():
                data = self._say("thinking", event.text)
            case ToolCallRequested():
                data = self._call(event)
            case Finished():
                data = self._end()
            case _:
                return b""
        if self._has_started:
            return data
        self._has_started = True
        return self._start() + data

    def _start(self) -> bytes:
        message = _message(self._id, self._model, Usage(self._input_tokens, 0), [])
        return _event("message_start", message=message) + _PING

    def _say(self, kind: str, text: str) -> bytes:
        opening = b"" if self._open == kind else self._close() + self._begin(kind, _EMPTY[kind])
        return opening + self._delta(_DELTAS[kind], text)

    def _call(self, event: ToolCallRequested) -> bytes:
        call = event.call
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        arguments = self._close() + self._begin("tool_use", block)
        arguments += self._delta(b'"input_json_delta","partial_json":', _encode(call.arguments).decode())
        return arguments + self._close()

    def _end(self) -> bytes:
        delta = {"stop_reason": _REASONS[self._used.reason], "stop_sequence": None}
        usage = _tokens(self._used.usage(lambda: self._input_tokens))
        ending = _event("message_delta", delta=delta, usage=usage)
        return self._close() + ending + _event("message_stop")

    def _begin(self, kind: str, block: dict[str, Any]) -> bytes:
        self._open = kind
        self._index += 1
        return _event("content_block_start", index=self._index, content_block=block)

    def _delta(self, fields: bytes, text: str) -> bytes:
        """Written by hand, since there is one for every token."""
        return (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":%b%b}}\n\n'
            % (self._index, fields, _encode(text))
        )

    def _close(self) -> bytes:
        if not self._open:
            return b""
        self._open = ""
        return _event("content_block_stop", index=self._index)


def _event(name: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _encode({"type": name, **fields}))


def error_body(*, status: int, message: str, code: str) -> bytes:
    """This will make the body of an error; `code` is Olympus's own, which Anthropic's programs do not look for."""
    return _encode({"type": "error", "error": {"type": _error_type(status), "message": message, "code": code}})


def error_event(*, status: int, message: str, code: str) -> bytes:
    """This will make the event that ends a stream with an error."""
    return b"event: error\ndata: %b\n\n" % error_body(status=status, message=message, code=code)


_ERRORS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def _error_type(status: int) -> str:
    return _ERRORS.get(status) or ("invalid_request_error" if status < 500 else "api_error")
