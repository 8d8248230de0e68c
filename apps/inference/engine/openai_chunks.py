"""Reads the chunks of a streamed chat completion.

Source: the types of the `openai` package 3.52 (chat_completion_chunk.py); the fields for
reasoning are vLLM's and DeepSeek's (`reasoning_content`), OpenRouter's and Ollama's (`reasoning`).
"""

from typing import Any

import msgspec

from apps.inference.contracts import (
    Finished,
    FinishReason,
    ModelEvent,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    Usage,
)
from apps.inference.engine.decoding import decode_forgiving
from apps.inference.engine.deltas import DeltaMerger
from apps.inference.engine.lines import LINE_LIMIT_BYTES, EventReader
from apps.inference.engine.refusals import error_from_object
from apps.inference.errors import MalformedStream, ModelError, StreamCut


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class _CallDelta(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: Any = None
    reasoning_content: str | None = None
    reasoning: Any = None
    refusal: str | None = None
    tool_calls: list[_CallDelta] | None = None


class _Logprobs(msgspec.Struct):
    content: list[dict[str, Any]] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None
    index: int = 0


class _PromptDetails(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_chunk = msgspec.json.Decoder(_Chunk)
_REASONS = {
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
}


class _PendingCall:
    """A tool call whose arguments are still arriving."""

    def __init__(self, call_id: str, index: int) -> None:
        self.id = call_id
        self.index = index
        self.name = ""
        self.pieces: list[str] = []
        self.size = 0

    def add(self, function: _Function) -> None:
        self.name = self.name or function.name or ""
        piece = function.arguments
        if isinstance(piece, dict):
            piece = msgspec.json.encode(piece).decode()
        if piece:
            self.pieces.append(piece)
            self.size += len(piece)

    def complete(self) -> ToolCallRequested:
        """The call; arguments that are no JSON object are kept as text under `unparsed`."""
        text = "".join(self.pieces).strip()
        try:
            arguments = msgspec.json.decode(text or "{}", type=dict[str, Any])
        except (ValueError, RecursionError):
            arguments = {"unparsed": text}
        return ToolCallRequested(ToolCall(self.id or f"call_{self.index}", self.name, arguments))


class ChunkParser:
    """Reads the events of a streamed chat completion; `key` is kept out of error messages."""

    def __init__(self, key: str = "") -> None:
        self._key = key
        self.is_over = False
        self.failure: ModelError | None = None
        self._events = EventReader()
        self._merger = DeltaMerger()
        self._calls: list[_PendingCall] = []
        self._call_count = 0
        self._reason: FinishReason | None = None
        self._usage: Usage | None = None

    def feed(self, lines: bytes) -> list[ModelEvent]:
        """This will read whole lines; what follows the last event is ignored."""
        try:
            for data in self._events.feed(lines):
                self._read_event(data)
                if self.is_over or self.failure:
                    break
        except MalformedStream as error:
            self.failure = error
        return self._merger.take()

    def end(self, rest: bytes) -> list[ModelEvent]:
        """This will read the event the stream ended in; a finish reason without `[DONE]` is enough."""
        events = self.feed(rest + b"\n\n")
        if self.is_over or (self.failure and not isinstance(self.failure, MalformedStream)):
            return events
        if self._reason is None:
            self.failure = StreamCut()
            return events
        self.failure = None
        self._finish()
        return events + self._merger.take()

    def _read_event(self, data: bytes) -> None:
        if data.strip() == b"[DONE]":
            self._finish()
            return
        try:
            chunk = decode_forgiving(_chunk, data)
        except ValueError:
            self.failure = MalformedStream()
            return
        if chunk.error is not None:
            self.failure = error_from_object(chunk.error, key=self._key)
            return
        if chunk.usage is not None:
            self._usage = _read_usage(chunk.usage)
        for choice in chunk.choices or ():
            if choice.index == 0:
                self._read_choice(choice)

    def _read_choice(self, choice: _Choice) -> None:
        delta = choice.delta
        if choice.logprobs is not None and choice.logprobs.content:
            self._merger.add_logprobs(choice.logprobs.content)
        if delta is not None:
            if thought := delta.reasoning_content or delta.reasoning:
                self._add(ThinkingDelta, thought)
            if said := delta.content or delta.refusal:
                self._add(TextDelta, said)
            for call in delta.tool_calls or ():
                self._read_call(call)
        if choice.finish_reason == "error":
            self.failure = error_from_object("")
        elif choice.finish_reason:
            self._close_calls()
            self._reason = _REASONS.get(choice.finish_reason, FinishReason.STOP)

    def _add(self, kind: type[TextDelta] | type[ThinkingDelta], content: Any) -> None:
        if isinstance(content, str):
            self._merger.add(kind, content)
            return
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict):
                self._add_part(kind, part)

    def _add_part(self, kind: type[TextDelta] | type[ThinkingDelta], part: dict[str, Any]) -> None:
        """Content in parts, as Mistral sends it: text, or thinking that has parts itself."""
        if isinstance(part.get("text"), str):
            self._merger.add(kind, part["text"])
        elif isinstance(part.get("thinking"), list):
            for inner in part["thinking"]:
                if isinstance(inner, dict) and isinstance(inner.get("text"), str):
                    self._merger.add(ThinkingDelta, inner["text"])

    def _read_call(self, delta: _CallDelta) -> None:
        index = delta.index if delta.index is not None else self._call_count
        last = self._calls[-1] if self._calls else None
        # Some servers number every call 0 and tell them apart by id alone.
        if last is None or last.index != index or (delta.id and last.id and delta.id != last.id):
            last = self._begin_call(delta.id or "", index)
        if delta.function is not None:
            last.add(delta.function)
        if last.size > LINE_LIMIT_BYTES:
            self.failure = MalformedStream("The model server sent a tool call of more than a megabyte.")

    def _begin_call(self, call_id: str, index: int) -> _PendingCall:
        for call in self._calls:
            if call.index == index and (not call_id or call.id == call_id):
                return call
        call = _PendingCall(call_id, index)
        self._calls.append(call)
        return call

    def _close_calls(self) -> None:
        for call in self._calls:
            self._merger.event(call.complete())
        self._call_count += len(self._calls)
        self._calls.clear()

    def _finish(self) -> None:
        self.is_over = True
        self._close_calls()
        self._merger.end()
        reason = self._reason or FinishReason.STOP
        if self._call_count and reason is FinishReason.STOP:
            reason = FinishReason.TOOL_CALLS
        self._merger.event(Finished(reason, self._usage))


def _read_usage(usage: _Usage) -> Usage:
    details = usage.prompt_tokens_details
    return Usage(usage.prompt_tokens or 0, usage.completion_tokens or 0, (details.cached_tokens or 0) if details else 0)
