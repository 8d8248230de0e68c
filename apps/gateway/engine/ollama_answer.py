"""Answers in Ollama's shape: lines of JSON, or one object.

Source: github.com/ollama/ollama, api/types.go and server/routes.go, as of August 2026.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.gateway.engine.answers import Answer, Used
from apps.inference.contracts import (
    CallEvent,
    Finished,
    FinishReason,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
)

_encode = msgspec.json.Encoder().encode


class ObjectWriter:
    """Writes an answer in Ollama's objects, for `/api/chat` or, without `is_chat`, `/api/generate`.

    `prompt_tokens` estimates the prompt, for a server that does not count. `elapsed_ns` tells the nanoseconds
    since `started_at`; Ollama's durations are in nanoseconds.
    """

    def __init__(
        self,
        model: str,
        *,
        is_chat: bool,
        prompt_tokens: Callable[[], int],
        started_at: datetime,
        elapsed_ns: Callable[[], int],
    ) -> None:
        self._model = model
        self._is_chat = is_chat
        self._prompt_tokens = prompt_tokens
        self._started_at = started_at
        self._elapsed_ns = elapsed_ns
        self._first_ns: int | None = None
        self._used = Used()
        self._call_count = 0

    def begin(self) -> None:
        """This will note when the answer began; what comes later changes nothing."""
        if self._first_ns is None:
            self._first_ns = self._elapsed_ns()

    def line(self, event: CallEvent) -> bytes:
        """This will write the answer's next event as a line; empty for one the shape has no place for."""
        self.begin()
        self._used.add(event)
        match event:
            case TextDelta():
                more = {"logprobs": event.logprobs} if event.logprobs else {}
                value = {**self._object(content=event.text), **more}
            case ThinkingDelta():
                value = self._object(thinking=event.text)
            case ToolCallRequested():
                value = self._object(tool_calls=[_call(event.call, self._call_count)])
                self._call_count += 1
            case Finished():
                value = {**self._object(), **self._end(self._used)}
            case _:
                return b""
        return _encode(value) + b"\n"

    def whole(self, answer: Answer) -> dict[str, Any]:
        """This will write an answer as the one object a program gets that does not stream."""
        calls = [_call(call, index) for index, call in enumerate(answer.calls)]
        said: dict[str, Any] = {"content": answer.text, "thinking": answer.thought, "tool_calls": calls}
        more = {"logprobs": answer.logprobs} if answer.logprobs else {}
        return {**self._object(**{name: value for name, value in said.items() if value}), **self._end(answer), **more}

    def without_asking(self, reason: str) -> dict[str, Any]:
        """This will answer a request that only loads or unloads a model, which Olympus does by itself."""
        return {**self._object(), "done": True, "done_reason": reason}

    def _object(self, *, content: str = "", **more: Any) -> dict[str, Any]:
        created_at = self._started_at + timedelta(microseconds=self._elapsed_ns() // 1000)
        named = {"model": self._model, "created_at": f"{created_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
        if self._is_chat:
            return {**named, "message": {"role": "assistant", "content": content, **more}, "done": False}
        return {**named, "response": content, **more, "done": False}

    def _end(self, used: Used) -> dict[str, Any]:
        total_ns = self._elapsed_ns()
        first_ns = total_ns if self._first_ns is None else self._first_ns
        usage = used.usage(self._prompt_tokens)
        return {
            "done": True,
            "done_reason": "length" if used.reason is FinishReason.LENGTH else "stop",
            "total_duration": total_ns,
            "load_duration": 0,
            "prompt_eval_count": usage.prompt_tokens,
            "prompt_eval_duration": first_ns,
            "eval_count": usage.completion_tokens,
            "eval_duration": total_ns - first_ns,
        }


def _call(call: ToolCall, index: int) -> dict[str, Any]:
    return {"id": call.id, "function": {"index": index, "name": call.name, "arguments": call.arguments}}
