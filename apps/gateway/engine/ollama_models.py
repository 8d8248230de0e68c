"""Models in Ollama's shape. Source: github.com/ollama/ollama, api/types.go, as of August 2026."""

import hashlib
from typing import Any

from apps.inference.contracts import Capability, ModelChoice, ModelInfo

_CAPABILITIES = {
    Capability.CHAT: "completion",
    Capability.TOOLS: "tools",
    Capability.VISION: "vision",
    Capability.THINKING: "thinking",
    Capability.EMBEDDINGS: "embedding",
    Capability.IMAGES: "image",
    Capability.TRANSCRIPTION: "audio",
}


def tag_of(name: str, choice: ModelChoice, info: ModelInfo | None, *, modified_at: str) -> dict[str, Any]:
    """This will describe a model as `/api/tags` lists it; servers do not tell how a model was packed."""
    return {
        "name": name,
        "model": name,
        "modified_at": modified_at,
        "size": (info.size_bytes if info else None) or 0,
        "digest": hashlib.sha256(f"{choice.provider_id}/{choice.model}".encode()).hexdigest(),
        "details": _details(choice),
        "capabilities": capabilities_of(choice),
    }


def running(name: str, choice: ModelChoice, info: ModelInfo, *, modified_at: str, expires_at: str) -> dict[str, Any]:
    """This will describe a model that is in memory as `/api/ps` lists it."""
    return {
        **tag_of(name, choice, info, modified_at=modified_at),
        "expires_at": expires_at,
        "size_vram": info.size_bytes or 0,
        "context_length": info.context_length or choice.context_length,
    }


def shown(choice: ModelChoice, *, modified_at: str) -> dict[str, Any]:
    """This will describe a model as `/api/show` does."""
    return {
        "modelfile": f"# Served by Olympus\nFROM {choice.model}\n",
        "parameters": "",
        "template": "",
        "license": "",
        "details": _details(choice),
        "model_info": {"general.architecture": "olympus", "olympus.context_length": choice.context_length},
        "capabilities": capabilities_of(choice),
        "modified_at": modified_at,
    }


def capabilities_of(choice: ModelChoice) -> list[str]:
    """This will name what a model can do in Ollama's words."""
    return [word for capability, word in _CAPABILITIES.items() if capability in choice.capabilities]


def _details(choice: ModelChoice) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "",
        "family": "",
        "families": [],
        "parameter_size": "",
        "quantization_level": "",
        "context_length": choice.context_length,
    }
