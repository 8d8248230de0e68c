"""What every model server looks like to Olympus: requests in, typed events out."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable
from uuid import UUID


class ProviderKind(StrEnum):
    """The wire a provider speaks."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    BUILTIN = "builtin"
    SCRIPTED = "scripted"
    POOL = "pool"


class Capability(StrEnum):
    """What a model can do."""

    CHAT = "chat"
    TOOLS = "tools"
    VISION = "vision"
    THINKING = "thinking"
    STRUCTURED_OUTPUT = "structured_output"
    EMBEDDINGS = "embeddings"
    IMAGES = "images"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"


class TierName(StrEnum):
    """How much a model can do, against how soon it does it."""

    FAST = "fast"
    BALANCED = "balanced"
    POWERFUL = "powerful"


AUTO = "auto"


class ChatRole(StrEnum):
    """Who speaks in a prompt."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class FinishReason(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class Image:
    """An image as bytes with its media type (`image/png`)."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool; `arguments` is what the model sent, parsed."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool a model may ask for; `parameters` is a JSON Schema object, `is_strict` asks to keep to it exactly."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt. `tool_call_id` is set on role TOOL alone."""

    role: ChatRole
    text: str
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """Parameters of generation; None leaves a parameter to the model server."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call to a model.

    `response_schema` is a JSON Schema the answer must follow. `think` asks a reasoning
    model to think (True), not to (False), or as it likes (None). `context_length` is in
    tokens, `keep_alive` is Ollama's ("5m"); both are hints other servers ignore.
    `tool_choice` is OpenAI's. `logprobs` asks for that many likely tokens beside each one,
    where the server has them (0: the token's own alone). `extra` are more of OpenAI's
    parameters, handed to servers that speak its wire. With `goes_on` the last message is the
    beginning of the answer, and the server is to write on from there.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    response_schema: Mapping[str, Any] | None = None
    sampling: Sampling = field(default_factory=Sampling)
    think: bool | None = None
    context_length: int | None = None
    keep_alive: str | None = None
    tool_choice: str | Mapping[str, Any] | None = None
    logprobs: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer: what one network read brought, `token_count` tokens; `logprobs` as OpenAI writes them."""

    text: str
    token_count: int = 1
    logprobs: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """More of the model's reasoning, shown apart from the answer."""

    text: str
    token_count: int = 1


@dataclass(frozen=True, slots=True)
class ToolCallRequested:
    """The model asks for a tool; sent once its arguments are complete."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server counted, in tokens."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete; always the last event of a stream that did not fail."""

    reason: FinishReason
    usage: Usage | None = None


ModelEvent = TextDelta | ThinkingDelta | ToolCallRequested | Finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Who answers a call and why; always the first event of a call.

    `reasons` are sentences for a person. `tier` is set where one was asked for or chosen,
    `cache` (exact, semantic) where no model server was asked.
    """

    model: str
    provider_id: UUID | None
    provider_name: str
    reasons: tuple[str, ...] = ()
    tier: TierName | None = None
    cache: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A model server failed in the middle of the answer and another goes on with it.

    With `is_break` the other one began anew: what follows is a second part, after a visible break.
    """

    model: str
    provider_id: UUID | None
    provider_name: str
    failed_name: str
    error_code: str
    is_break: bool = False


CallEvent = ModelEvent | Routed | Switched


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a call and through which door (chat, title, gateway, command); limits and the ledger go by it.

    `allowed_models` are the only ones a key may use; empty means all.
    """

    organization_id: UUID
    user_id: UUID
    door: str
    api_key_id: UUID | None = None
    allowed_models: frozenset[str] = frozenset()
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """How a call may be made.

    `may_switch` lets another server go on in the middle of an answer. `affinity` names what
    shares a beginning (a conversation), so that it meets the server that has read it before.
    `may_cache` allows an answer given before, `may_store` keeping this one.
    """

    may_switch: bool = True
    affinity: str = ""
    may_cache: bool = True
    may_store: bool = True


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model a provider offers. `context_length` is in tokens, None if not told.

    `goes_on` tells that the server writes on from the beginning of an answer it is given. `digest` is that of the
    model's files, empty if not told: two of one name may be different models. `family`, `parameter_size` ("3.2B") and
    `quantization` are the server's words; `vram_bytes` is what it takes of GPUs while it is in memory, None if not told.
    """

    name: str
    capabilities: frozenset[Capability] = frozenset({Capability.CHAT})
    context_length: int | None = None
    size_bytes: int | None = None
    is_loaded: bool = False
    goes_on: bool = False
    digest: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    vram_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Embeddings:
    """`vectors` has one row a text, in order, all of one dimension."""

    model: str
    vectors: tuple[tuple[float, ...], ...]
    prompt_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file a program sent; `name` tells the format by its ending."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """One call for pictures, speech or a transcript.

    `parameters` are OpenAI's without the model, handed on as they are; a value that is a list
    becomes a field said several times where a file goes along.
    """

    model: str
    parameters: Mapping[str, Any]
    upload: Upload | None = None


@dataclass(slots=True)
class MediaUsage:
    """What a media call used, complete when its answer is; `is_estimated` where the server did not tell."""

    input_tokens: int = 0
    output_tokens: int = 0
    image_count: int = 0
    audio_s: float = 0.0
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """An answer that begins to arrive: `chunks` must be closed, which closes the connection.

    `usage` is complete when the chunks are; `routed` tells who answers, once the pool has chosen.
    """

    content_type: str
    chunks: AsyncGenerator[bytes, None]
    usage: MediaUsage
    routed: Routed | None = None


class ModelClient(Protocol):
    """One model server. Implementations raise `ModelError`s alone and hold no run's state."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ModelEvent]:
        """Stream an answer; closing the iterator closes the connection to the server.

        Ends with exactly one Finished, or raises a ModelError after what came before.
        """

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Embed each text."""

    async def list_models(self) -> list[ModelInfo]:
        """List the models the server offers now."""


@runtime_checkable
class MediaClient(Protocol):
    """A model server that draws, hears or speaks."""

    async def open_media(self, capability: Capability, request: MediaRequest) -> MediaAnswer:
        """Ask, and return once the server begins to answer; raises ModelErrors alone."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model with the provider that serves it, as chosen for one request.

    `label` is what a person reads ("llama3.2"); `provider_id` is None for the built-in engine and
    where a call decides: for a tier, `auto`, and a model several providers serve. `server_count` tells how many
    do, `tier` which tier was named. `context_length` is the longest any of them offers, and one
    that is loaded has the model in memory.
    """

    model: str
    label: str
    provider_id: UUID | None
    provider_name: str
    kind: ProviderKind
    capabilities: frozenset[Capability]
    context_length: int
    server_count: int = 1
    tier: TierName | None = None
    is_loaded: bool = False
