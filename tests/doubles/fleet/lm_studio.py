"""LM Studio. Source: github.com/lmstudio-ai/docs, 1_developer/2_rest/list.md and endpoints.mdx; what it says to

other paths: github.com/lmstudio-ai/lmstudio-bug-tracker issues 618 and 1323.
"""

from typing import Any

from tests.doubles.fleet.answering import CREATED, Answer, ModelProduct, Request
from tests.doubles.http_server import Connection


class LmStudio(ModelProduct):
    """Version 0.4 and later; `OldLmStudio` is 0.3.6 to 0.3.x. Paths it does not know get an error with status 200."""

    names = ("google/gemma-4-26b-a4b", "text-embedding-nomic-embed-text-v1.5-embedding")
    own_headers = "X-Powered-By: Express\r\n"
    unauthorized = Answer({"error": {"message": "API token required", "type": "invalid_request", "code": "invalid_api_key", "param": None}}, 401)  # fmt: skip
    _needs_key = staticmethod(lambda path: True)
    is_old = False

    def __init__(self, *names: str, key: str = "") -> None:
        self.loaded = {"google/gemma-4-26b-a4b"}
        super().__init__(*names, key=key)
        self.routes["GET /api/v0/models"] = lambda _: Answer({"object": "list", "data": self._old_rows()})
        if not self.is_old:
            self.routes["GET /api/v1/models"] = lambda _: Answer({"models": self._rows()})

    def card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "organization_owner"}

    def other(self, request: Request, connection: Connection) -> None:
        if request.method == "POST" and request.path.startswith("/v1/"):
            super().other(request, connection)
        else:
            said = f"Unexpected endpoint or method. ({request.method} {request.path})"
            Answer({"error": said}).send(connection, self.own_headers)

    def _rows(self) -> list[dict[str, Any]]:
        return [self._embedder(row["id"]) if _embeds(row["id"]) else self._writer(row["id"]) for row in self.models]

    def _writer(self, name: str) -> dict[str, Any]:
        config = {"context_length": 4096, "eval_batch_size": 512, "parallel": 4, "flash_attention": True,
                  "num_experts": 8, "offload_kv_cache_to_gpu": True}  # fmt: skip
        return {
            "type": "llm", "publisher": name.partition("/")[0], "key": name, "display_name": name,
            "architecture": "gemma4", "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
            "size_bytes": 17_990_911_801, "params_string": "26B-A4B", "max_context_length": 262_144, "format": "gguf",
            "loaded_instances": [{"id": name, "config": config}] if name in self.loaded else [],
            "capabilities": {
                "vision": True, "trained_for_tool_use": True,
                "reasoning": {"allowed_options": ["off", "on"], "default": "on"},
            },
            "description": None, "variants": [f"{name}@q4_k_m"], "selected_variant": f"{name}@q4_k_m",
        }  # fmt: skip

    def _embedder(self, name: str) -> dict[str, Any]:
        return {
            "type": "embedding", "publisher": "gaianet", "key": name, "display_name": name,
            "quantization": {"name": "F16", "bits_per_weight": 16}, "size_bytes": 274_290_560, "params_string": None,
            "loaded_instances": [], "max_context_length": 2048, "format": "gguf",
        }  # fmt: skip

    def _old_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": row["id"], "object": "model", "type": "embeddings" if _embeds(row["id"]) else "vlm",
                "publisher": row["id"].partition("/")[0], "arch": "gemma4", "compatibility_type": "gguf",
                "quantization": "Q4_K_M", "state": "loaded" if row["id"] in self.loaded else "not-loaded",
                "max_context_length": 2048 if _embeds(row["id"]) else 262_144,
            }
            for row in self.models
        ]  # fmt: skip


class OldLmStudio(LmStudio):
    """Versions 0.3.6 to 0.3.x: without the API that came with 0.4."""

    is_old = True


def _embeds(name: str) -> bool:
    return name.startswith("text-embedding-")
