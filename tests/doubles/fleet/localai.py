"""LocalAI. Source: github.com/mudler/LocalAI at 82c191afa, core/http/routes/localai.go and health.go,

core/http/endpoints/ollama/models.go, core/http/endpoints/openai/list.go, core/http/auth/middleware.go.
"""

import hashlib
from typing import Any

from tests.doubles.fleet.answering import HTML, TEXT, Answer, ModelProduct, fixed

_ENDPOINTS = {
    "models": "/v1/models", "models_capabilities": "/v1/models/capabilities",
    "chat_completions": "/v1/chat/completions", "completions": "/v1/completions", "embeddings": "/v1/embeddings",
    "config_metadata": "/api/models/config-metadata", "tts": "/tts", "swagger": "/swagger/index.html",
}  # fmt: skip
_PUBLIC = frozenset({"/.well-known/localai.json", "/healthz", "/readyz"})


class LocalAi(ModelProduct):
    """It also answers as Ollama does; with `as_ollama` its root says "Ollama is running" too."""

    names = ("gemma-3-4b-it", "bert-embeddings")
    not_found = Answer({"error": {"code": 404, "message": "Resource not found", "type": ""}}, 404)
    unauthorized = Answer({"error": {"code": 401, "message": "An authentication key is required", "type": "invalid_request_error"}}, 401)  # fmt: skip
    _needs_key = staticmethod(lambda path: path not in _PUBLIC)

    def __init__(self, *names: str, key: str = "", as_ollama: bool = False) -> None:
        super().__init__(*names, key=key)
        root = fixed(b"Ollama is running", content_type=TEXT) if as_ollama else fixed(b"<title>LocalAI</title>", content_type=HTML)  # fmt: skip
        self.routes |= {
            "GET /": root,
            "GET /version": fixed({"version": "v3.9.0 (82c191afa)"}),
            "GET /healthz": fixed(b""),
            "GET /readyz": fixed(b""),
            "GET /.well-known/localai.json": fixed(
                {"version": "v3.9.0 (82c191afa)", "endpoints": _ENDPOINTS, "endpoint_groups": {}}
            ),
            "GET /v1/models/capabilities": lambda _: Answer({"object": "list", "data": self._abilities()}),
            "GET /api/version": fixed({"version": "0.9.0"}),
            "GET /api/tags": lambda _: Answer({"models": self._tags()}),
            "GET /api/ps": fixed({"models": None}),
        }

    def card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model"}

    def _abilities(self) -> list[dict[str, Any]]:
        return [
            {
                "id": card["id"], "object": "model",
                "capabilities": ["embeddings"] if "embed" in card["id"] else ["chat", "completion", "vision"],
                "input_modalities": ["text"] if "embed" in card["id"] else ["text", "image"],
                "output_modalities": ["text"],
            }
            for card in self.models
        ]  # fmt: skip

    def _tags(self) -> list[dict[str, Any]]:
        details = {"parent_model": "", "format": "gguf", "family": "gemma", "families": ["gemma"],
                   "parameter_size": "", "quantization_level": ""}  # fmt: skip
        return [
            {
                "name": f"{card['id']}:latest", "model": f"{card['id']}:latest", "size": 0,
                "modified_at": "2026-11-20T09:00:00Z", "details": details,
                "digest": f"sha256:{hashlib.sha256(card['id'].encode()).hexdigest()}",
                "capabilities": ["embedding"] if "embed" in card["id"] else ["completion", "vision"],
            }
            for card in self.models
        ]  # fmt: skip
