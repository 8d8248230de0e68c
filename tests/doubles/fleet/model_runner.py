"""Docker Model Runner. Source: github.com/docker/model-runner at 642c7211, pkg/server/server.go,

pkg/inference/models/{api,http_handler}.go, pkg/routing/router.go, pkg/ollama/http_handler.go.
"""

from typing import Any

from tests.doubles.fleet.answering import CREATED, TEXT, Answer, ModelProduct, fixed
from tests.doubles.http_server import Connection, Request

_ENGINES = "/engines/v1/"


class ModelRunner(ModelProduct):
    """OpenAI's API lies under /engines/v1, and by an alias under /v1; Ollama's is emulated as version 0.1.0."""

    names = ("ai/smollm2:latest",)
    not_found = Answer(b"404 page not found\n", 404, TEXT)

    def __init__(self, *names: str, key: str = "") -> None:
        super().__init__(*names, key=key)
        self.routes |= {
            "GET /": fixed(b"Docker Model Runner is running", content_type=TEXT),
            "GET /version": fixed({"version": "v1.1.2"}),
            "GET /engines/v1/models": self.routes["GET /v1/models"],
            "GET /engines/llama.cpp/v1/models": self.routes["GET /v1/models"],
            "GET /models": lambda _: Answer([self._stored(card["id"]) for card in self.models]),
            "GET /engines/ps": fixed([]),
            "GET /api/version": fixed({"version": "0.1.0"}),
            "GET /api/tags": lambda _: Answer({"models": [self._tag(card["id"]) for card in self.models]}),
            "GET /api/ps": fixed({"models": []}),
        }

    def card(self, name: str) -> dict[str, Any]:
        about = {"context_window": 8192, "architecture": "llama", "parameters": "361.82 M",
                 "quantization": "IQ2_XXS/Q4_K_M", "size": "256.35 MiB"}  # fmt: skip
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "docker", "dmr": about}

    def other(self, request: Request, connection: Connection) -> None:
        if request.path.startswith(_ENGINES):
            path = request.path.replace(_ENGINES, "/v1/", 1)
            request = Request(request.method, path, request.headers, request.body)
        super().other(request, connection)

    def _stored(self, name: str) -> dict[str, Any]:
        about = {"format": "gguf", "quantization": "Q4_K_M", "parameters": "361.82 M", "architecture": "llama"}
        return {"id": "sha256:354bf30d0aa3", "tags": [name], "created": CREATED, "config": about}

    def _tag(self, name: str) -> dict[str, Any]:
        details = {"format": "gguf", "family": "llama", "families": ["llama"], "parameter_size": "361.82 M",
                   "quantization_level": "IQ2_XXS/Q4_K_M"}  # fmt: skip
        return {"name": name, "model": name, "modified_at": "2026-11-20T09:00:00Z", "size": 0,
                "digest": "sha256:354bf30d0aa3", "details": details}  # fmt: skip
