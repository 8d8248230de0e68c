"""Answers in Ollama's shape: lines of JSON, or one object.

Source: github.com/ollama/ollama, api/types.go and server/routes.go, as of August 2026.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.inference.contracts import (
    CallEvent,
    Finished,
    FinishReason,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
    Usage,
)

_encode = msgspec.json.Encoder().encode


class Answer:
    """Turns events into Ollama's objects, for `/api/chat` or, without `is_chat`, `/api/generate`.

    `elapsed_ns` tells the nanoseconds since `started_at`; Ollama's durations are in nanoseconds.
    """

    def __init__(
        self, model: str, *, is_chat: bool, input_tokens: int, started_at: datetime, elapsed_ns: Callable[[], int]
    ) -> None:
        self._model = model
        self._is_chat = is_chat
        self._input_tokens = input_tokens
        self._started_at = started_at
        self._elapsed_ns = elapsed_ns
        self._first_ns: int | None = None
        self._token_count = 0
        self._call_count = 0

    def line(self, event: CallEvent) -> bytes:
        """This will write the answer's next event as a line; empty for one the shape has no place for."""
        value = self.take(event)
        return b"" if value is None else _encode(value) + b"\n"

    def take(self, event: CallEvent) -> dict[str, Any] | None:
        """This will turn the answer's next event into an object; None for one the shape has no place for."""
        match event:
            case TextDelta():
                self._token_count += event.token_count
                more = {"logprobs": event.logprobs} if event.logprobs else {}
                return {**self._part("content", event.text), **more}
            case ThinkingDelta():
                self._token_count += event.token_count
                return self._part("thinking", event.text)
            case ToolCallRequested():
                return self._part("tool_calls", [self._call(event)])
            case Finished():
                return self._last(event)
        return None

    def without_asking(self, reason: str) -> dict[str, Any]:
        """This will answer a request that only loads or unloads a model, which Olympus does by itself."""
        return {**self._part("content", ""), "done": True, "done_reason": reason}

    def _part(self, name: str, value: Any) -> dict[str, Any]:
        now_ns = self._elapsed_ns()
        if self._first_ns is None:
            self._first_ns = now_ns
        created_at = self._started_at + timedelta(microseconds=now_ns // 1000)
        part: dict[str, Any] = {"model": self._model, "created_at": f"{created_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
        if self._is_chat:
            part["message"] = {"role": "assistant", "content": "", name: value}
        else:
            part["response"] = ""
            part["response" if name == "content" else name] = value
        part["done"] = False
        return part

    def _call(self, event: ToolCallRequested) -> dict[str, Any]:
        call = event.call
        function = {"index": self._call_count, "name": call.name, "arguments": call.arguments}
        self._call_count += 1
        return {"id": call.id, "function": function}

    def _last(self, event: Finished) -> dict[str, Any]:
        part = self._part("content", "")
        total_ns = self._elapsed_ns()
        first_ns = self._first_ns if self._first_ns is not None else total_ns
        used = event.usage or Usage(self._input_tokens, self._token_count)
        return {
            **part,
            "done": True,
            "done_reason": "length" if event.reason is FinishReason.LENGTH else "stop",
            "total_duration": total_ns,
            "load_duration": 0,
            "prompt_eval_count": used.prompt_tokens,
            "prompt_eval_duration": first_ns,
            "eval_count": used.completion_tokens,
            "eval_duration": total_ns - first_ns,
        }


class Fold:
    """Gathers the objects of an answer into the one a program gets that does not stream."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._calls: list[Any] = []
        self._logprobs: list[Mapping[str, Any]] = []
        self._last: dict[str, Any] = {}

    def add(self, value: dict[str, Any]) -> None:
        """This will take the next object."""
        said = value.get("message", value)
        for name in ("content", "response", "thinking"):
            if said.get(name):
                self._texts.setdefault(name, []).append(said[name])
        self._calls += said.get("tool_calls", ())
        self._logprobs += value.get("logprobs", ())
        self._last = value

    def clear(self) -> None:
        """This will forget what came so far: another server began anew."""
        self._texts.clear()
        self._calls.clear()
        self._logprobs.clear()

    def value(self) -> dict[str, Any]:
        """This will give the whole answer."""
        whole = dict(self._last)
        said: dict[str, Any] = {name: "".join(parts) for name, parts in self._texts.items()}
        if self._calls:
            said["tool_calls"] = self._calls
        if "message" in whole:
            whole["message"] = {**whole["message"], **said}
        else:
            whole |= said
        if self._logprobs:
            whole["logprobs"] = self._logprobs
        return whole
