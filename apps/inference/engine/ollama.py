"""Ollama by its native protocol.

Source: github.com/ollama/ollama, api/types.go and server/routes.go, as of August 2026.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from apps.inference.contracts import (
    Capability,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Embeddings,
    Finished,
    FinishReason,
    ModelEvent,
    ModelInfo,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    Usage,
)
from apps.inference.engine.decoding import decode_forgiving
from apps.inference.engine.deltas import DeltaMerger
from apps.inference.engine.images import as_base64
from apps.inference.engine.refusals import error_from_object
from apps.inference.engine.wire import Server, fetch, stream_events
from apps.inference.errors import MalformedStream, ModelError, StreamCut
from olympus.kernel.text import clean_text

# Requests at a time when a server's models are looked at: the server reads each from disk.
_SHOWN_AT_ONCE = 4
_WORD_CHARS = 60


class _Function(msgspec.Struct):
    name: str
    arguments: dict[str, Any] = {}


class _Call(msgspec.Struct):
    function: _Function
    id: str = ""


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_Call] | None = None


class _Line(msgspec.Struct):
    message: _Message | None = None
    done: bool = False
    done_reason: str | None = None
    logprobs: list[dict[str, Any]] | None = None
    error: Any = None
    prompt_eval_count: int = 0
    eval_count: int = 0


class _Tagged(msgspec.Struct):
    name: str
    size: int | None = None
    digest: str = ""
    capabilities: list[str] | None = None
    details: dict[str, Any] | None = None

    @property
    def tells_all(self) -> bool:
        """Servers of 2026 say in the list what others say one by one."""
        return self.capabilities is not None and bool((self.details or {}).get("context_length"))


class _Tags(msgspec.Struct):
    models: list[_Tagged] | None


class _Running(msgspec.Struct):
    name: str
    context_length: int | None = None
    size_vram: int | None = None


class _Processes(msgspec.Struct):
    models: list[_Running] | None


class _Shown(msgspec.Struct):
    capabilities: list[str] | None = None
    model_info: dict[str, Any] | None = None
    details: dict[str, Any] | None = None


class _Embedded(msgspec.Struct):
    embeddings: list[tuple[float, ...]]
    model: str = ""
    prompt_eval_count: int = 0


_line = msgspec.json.Decoder(_Line)
_tags = msgspec.json.Decoder(_Tags)
_processes = msgspec.json.Decoder(_Processes)
_shown = msgspec.json.Decoder(_Shown)
_embedded = msgspec.json.Decoder(_Embedded)

_CAPABILITIES = {
    "completion": (Capability.CHAT, Capability.STRUCTURED_OUTPUT),
    "tools": (Capability.TOOLS,),
    "vision": (Capability.VISION,),
    "thinking": (Capability.THINKING,),
    "embedding": (Capability.EMBEDDINGS,),
}
_REASONS = {"length": FinishReason.LENGTH}
# The parameters of OpenAI's that Ollama has among its options, under the same names.
_SHARED = ("presence_penalty", "frequency_penalty", "min_p")


class OllamaClient:
    """A ModelClient for one Ollama server.

    `context_length` is asked for where a request names none: Ollama else cuts the prompt in
    silence at a length of its own. `keep_alive_s` is how long the model is to stay in memory where
    a request does not say: -1 for ever, None as the server likes.
    """

    def __init__(self, server: Server, *, context_length: int | None = None, keep_alive_s: float | None = None) -> None:
        self._server = server
        self._kept = {} if keep_alive_s is None else {"keep_alive": round(keep_alive_s)}
        self._context_length = context_length

    def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """This will stream an answer from /api/chat."""
        body = {**self._kept, **chat_body(request, context_length=self._context_length)}
        return stream_events(self._server, "/api/chat", body, ChatParser(self._server.api_key))

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """This will embed each text by /api/embed."""
        answer = await fetch(
            self._server, "POST", "/api/embed", _embedded, {"model": model, "input": list(texts), **self._kept},
            timeout_s=self._server.timeouts.first_token_s,
        )  # fmt: skip
        if len(answer.embeddings) != len(texts):
            raise MalformedStream("The model server embedded another number of texts than it was given.")
        return Embeddings(answer.model or model, tuple(answer.embeddings), answer.prompt_eval_count)

    async def list_models(self) -> list[ModelInfo]:
        """This will list the installed models, what each can do and which are in memory."""
        tags, processes = await asyncio.gather(
            fetch(self._server, "GET", "/api/tags", _tags), fetch(self._server, "GET", "/api/ps", _processes)
        )
        loaded = {each.name: each for each in processes.models or []}
        gate = asyncio.Semaphore(_SHOWN_AT_ONCE)

        async def look_at(tagged: _Tagged) -> ModelInfo:
            if tagged.tells_all:
                return _model_info(tagged, _Shown(), loaded.get(tagged.name))
            async with gate:
                try:
                    shown = await fetch(self._server, "POST", "/api/show", _shown, {"model": tagged.name})
                except ModelError:
                    shown = _Shown()  # removed meanwhile, or its file is broken: the others still count
            return _model_info(tagged, shown, loaded.get(tagged.name))

        return list(await asyncio.gather(*(look_at(tagged) for tagged in tags.models or [])))


def _model_info(tagged: _Tagged, shown: _Shown, running: _Running | None) -> ModelInfo:
    told = shown.capabilities if shown.capabilities is not None else tagged.capabilities
    info = shown.model_info or {}
    length = info.get(f"{info.get('general.architecture')}.context_length") or (tagged.details or {}).get(
        "context_length"
    )
    details = {**(tagged.details or {}), **(shown.details or {})}
    capabilities = _capabilities(told, details)
    return ModelInfo(
        name=tagged.name,
        capabilities=capabilities,
        context_length=(running.context_length if running else None) or (length if isinstance(length, int) else None),
        size_bytes=tagged.size,
        is_loaded=running is not None,
        # Its templates leave the last message open if that is the assistant's.
        goes_on=Capability.CHAT in capabilities,
        digest=tagged.digest,
        family=_word(details, "family"),
        parameter_size=_word(details, "parameter_size"),
        quantization=_word(details, "quantization_level"),
        vram_bytes=running.size_vram if running else None,
    )


def _word(details: dict[str, Any], name: str) -> str:
    """A word for people, whatever the server sends."""
    return clean_text(str(details.get(name) or ""))[:_WORD_CHARS]


def _capabilities(told: list[str] | None, details: dict[str, Any]) -> frozenset[Capability]:
    if told is None:  # before 0.6.4 servers did not say; embedding models are of the BERT family
        told = ["embedding"] if "bert" in str(details.get("family", "")) else ["completion"]
    return frozenset(each for name in told for each in _CAPABILITIES.get(name, ()))


def chat_body(request: ChatRequest, *, context_length: int | None = None) -> dict[str, Any]:
    """This will make the body of a /api/chat request."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": _messages(request.messages),
        "stream": True,
        "options": _options(request, context_length),
    }
    if request.tools:
        body["tools"] = [
            {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
            for t in request.tools
        ]
    if request.response_schema is not None:
        body["format"] = request.response_schema
    if request.think is not None:
        body["think"] = request.think
    if request.logprobs is not None:
        body["logprobs"], body["top_logprobs"] = True, request.logprobs
    if request.keep_alive is not None:
        body["keep_alive"] = request.keep_alive
    return body


def _options(request: ChatRequest, context_length: int | None) -> dict[str, Any]:
    sampling = request.sampling
    options = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "seed": sampling.seed,
        "num_predict": sampling.max_tokens,
        "stop": list(sampling.stop) or None,
        "num_ctx": request.context_length or context_length,
        "repeat_penalty": request.extra.get("repetition_penalty"),
        **{name: request.extra.get(name) for name in _SHARED},
    }
    return {name: value for name, value in options.items() if value is not None}


def _messages(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    return [_message(message, names) for message in messages]


def _message(message: ChatMessage, names: dict[str, str]) -> dict[str, Any]:
    """One message; a tool's answer is told by the tool's name, kept in `names` from the call before."""
    out: dict[str, Any] = {"role": message.role.value, "content": message.text}
    if message.images:
        out["images"] = [as_base64(image) for image in message.images]
    if message.tool_calls:
        names.update((call.id, call.name) for call in message.tool_calls)
        out["tool_calls"] = [
            {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}} for call in message.tool_calls
        ]
    if message.role is ChatRole.TOOL and message.tool_call_id:
        out["tool_call_id"] = message.tool_call_id
        out["tool_name"] = names.get(message.tool_call_id, "")
    return out


class ChatParser:
    """Reads the lines of a /api/chat answer; `key` is kept out of error messages."""

    def __init__(self, key: str = "") -> None:
        self._key = key
        self.is_over = False
        self.failure: ModelError | None = None
        self._merger = DeltaMerger()
        self._call_count = 0

    def feed(self, lines: bytes) -> list[ModelEvent]:
        """This will read whole lines; what follows the last one is ignored."""
        try:
            parsed: Sequence[_Line] = _line.decode_lines(lines)
        except (ValueError, RecursionError):
            parsed = self._one_by_one(lines)
        for line in parsed:
            self._read(line)
            if self.is_over:
                break
        return self._merger.take()

    def end(self, rest: bytes) -> list[ModelEvent]:
        """This will read the line the stream ended in; without `done` the answer was cut."""
        events = self.feed(rest) if rest.strip() else []
        if not self.is_over:
            self.failure = StreamCut()
        return events

    def _one_by_one(self, lines: bytes) -> list[_Line]:
        """The slow way, when one line of a read is not plain: all before it count."""
        parsed = []
        for raw in lines.split(b"\n"):
            if not raw.strip():
                continue
            try:
                parsed.append(decode_forgiving(_line, raw))
            except ValueError:
                self.failure = MalformedStream()
                break
        return parsed

    def _read(self, line: _Line) -> None:
        if line.logprobs:
            self._merger.add_logprobs(line.logprobs)
        if line.message is not None:
            self._read_message(line.message)
        if line.done:
            self._finish(line)
        elif line.error is not None:
            self.failure = error_from_object(line.error, key=self._key)
            self.is_over = True
        elif line.message is None:
            self.failure = MalformedStream()
            self.is_over = True

    def _read_message(self, message: _Message) -> None:
        if message.thinking:
            self._merger.add(ThinkingDelta, message.thinking)
        if message.content:
            self._merger.add(TextDelta, message.content)
        if message.tool_calls:
            self._read_calls(message.tool_calls)

    def _read_calls(self, calls: list[_Call]) -> None:
        for call in calls:
            call_id = call.id or f"call_{self._call_count}"
            self._call_count += 1
            self._merger.event(ToolCallRequested(ToolCall(call_id, call.function.name, call.function.arguments)))

    def _finish(self, line: _Line) -> None:
        self.is_over = True
        self.failure = None
        self._merger.end()
        reason = _REASONS.get(line.done_reason or "", FinishReason.STOP)
        if self._call_count and reason is FinishReason.STOP:
            reason = FinishReason.TOOL_CALLS
        self._merger.event(Finished(reason, Usage(line.prompt_eval_count, line.eval_count)))
