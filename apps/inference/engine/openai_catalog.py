"""What the models of an OpenAI-compatible server can do: told by the server, else known by name."""

import re
from typing import Any

import msgspec

from apps.inference.contracts import Capability, ModelInfo


class ListedModel(msgspec.Struct):
    """A row of /models with what vLLM, SGLang, llama.cpp, LM Studio, OpenRouter and Mistral add to it."""

    id: str
    owned_by: Any = None
    max_model_len: int | None = None
    context_length: int | None = None
    max_context_length: int | None = None
    context_window: int | None = None
    meta: dict[str, Any] | None = None
    architecture: Any = None
    supported_parameters: list[str] | None = None
    capabilities: Any = None
    type: str | None = None


# These write on where the last message, the assistant's, ends; the first two if they are told to.
TOLD_TO_GO_ON = frozenset({"vllm", "sglang"})
_GOING_ON = TOLD_TO_GO_ON | {"llamacpp"}
_CHAT = frozenset({Capability.CHAT, Capability.TOOLS, Capability.STRUCTURED_OUTPUT})
_EMBEDDING_NAME = re.compile(r"embed|(^|[/_-])(bge|e5|gte|minilm|mxbai)([-_.]|$)", re.IGNORECASE)
# What makes pictures, hears and speaks, in this order: `gpt-4o-mini-tts` speaks and does not chat.
_MEDIA_NAMES = (
    (
        Capability.IMAGES,
        re.compile(
            r"dall-e|gpt-image|chatgpt-image|(^|/)(imagen|flux|sdxl|qwen-image)|stable-?diffusion|grok-.*image",
            re.IGNORECASE,
        ),
    ),
    (Capability.TRANSCRIPTION, re.compile(r"whisper|transcribe|(^|/)(canary|parakeet)", re.IGNORECASE)),
    (Capability.SPEECH, re.compile(r"(^|[/_-])(tts|kokoro|piper|orpheus)([-_.\d]|$)", re.IGNORECASE)),
)
# None of all that: films, moderation, ranking, live sound, and completion-only models of OpenAI and others.
_OTHER_NAME = re.compile(r"moderation|realtime|sora|rerank|babbage|davinci|-instruct-\d{4}$|gpt-audio", re.IGNORECASE)
_VISION_NAME = re.compile(
    r"gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-4\.5|gpt-5|chatgpt-4o|(^|/)o[134]($|-)|vision|[-_]vl|vl[-_]|llava|pixtral|gemma-?3|gemma-?4|gemini|claude"
    r"|llama-?4|internvl|minicpm-v|molmo|mistral-small-3|mistral-medium|omni|moondream",
    re.IGNORECASE,
)
_THINKING_NAME = re.compile(
    r"(^|/)o[134]($|-)|gpt-5|gpt-oss|deepseek-r1|reason|qwq|qwen-?3|thinking|magistral", re.IGNORECASE
)


def model_info(listed: ListedModel) -> ModelInfo:
    """This will describe a listed model; one that is for none of Olympus's uses has no capabilities."""
    capabilities = _capabilities(listed)
    return ModelInfo(
        name=listed.id,
        capabilities=capabilities,
        context_length=_context_length(listed),
        goes_on=Capability.CHAT in capabilities and listed.owned_by in _GOING_ON,
    )


def _context_length(listed: ListedModel) -> int | None:
    meta = listed.meta or {}
    told = (
        meta.get("n_ctx"), listed.max_model_len, listed.context_length,
        listed.max_context_length, listed.context_window, meta.get("n_ctx_train"),
    )  # fmt: skip
    return next((length for length in told if isinstance(length, int) and length > 0), None)


def _capabilities(listed: ListedModel) -> frozenset[Capability]:
    if listed.type in {"embedding", "embeddings"} or _EMBEDDING_NAME.search(listed.id):
        return frozenset({Capability.EMBEDDINGS})
    if _OTHER_NAME.search(listed.id):
        return frozenset()
    for capability, name in _MEDIA_NAMES:
        if name.search(listed.id):
            return frozenset({capability})
    found = set(_CHAT)
    if _sees(listed):
        found.add(Capability.VISION)
    if _THINKING_NAME.search(listed.id) or "reasoning" in (listed.supported_parameters or ()):
        found.add(Capability.THINKING)
    if listed.supported_parameters is not None and "tools" not in listed.supported_parameters:
        found.discard(Capability.TOOLS)
    return frozenset(found)


def _sees(listed: ListedModel) -> bool:
    told = listed.capabilities
    if isinstance(told, dict) and isinstance(told.get("vision"), bool):
        return bool(told["vision"])
    if isinstance(told, list) and ("multimodal" in told or "vision" in told):
        return True
    if isinstance(listed.architecture, dict):
        return "image" in (listed.architecture.get("input_modalities") or ())
    return listed.type == "vlm" or bool(_VISION_NAME.search(listed.id))
