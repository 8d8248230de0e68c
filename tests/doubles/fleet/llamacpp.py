"""llama.cpp's server. Source: github.com/ggml-org/llama.cpp, tools/server/server-http.cpp, server-context.cpp."""

from typing import Any

from tests.doubles.fleet.answering import CREATED, HTML, Answer, ModelProduct, Request, fixed
from tests.doubles.http_server import Connection

_LOADING = Answer({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503)
_LOADING_PAGE = Answer(b"<!doctype html><title>Loading</title><p>The model is loading.</p>", 503, HTML)
_CONTEXT_LENGTH = 8192


class LlamaCpp(ModelProduct):
    """One model. While `is_loading` it says 503 to every path; with a key the list, health and pages stay open."""

    names = ("unsloth/Qwen3-8B-GGUF:Q4_K_M",)
    own_headers = "Server: llama.cpp\r\n"
    not_found = Answer({"error": {"message": "File Not Found", "type": "not_found_error", "code": 404}}, 404)
    unauthorized = Answer({"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}}, 401)
    _needs_key = staticmethod(lambda path: path not in {"/", "/health", "/v1/health", "/models", "/v1/models"})

    def __init__(self, *names: str, key: str = "", is_loading: bool = False, sees: bool = True) -> None:
        self.sees = sees
        self.is_loading = is_loading
        super().__init__(*names, key=key)
        health = fixed({"status": "ok"})
        self.routes |= {
            "GET /": fixed(b"<!doctype html><title>llama.cpp</title>", content_type=HTML),
            "GET /health": health,
            "GET /v1/health": health,
            "GET /v1/models": lambda _: Answer(self._list()),
            "GET /models": lambda _: Answer(self._list()),
            "GET /props": lambda _: Answer(self._props()),
        }

    def card(self, name: str) -> dict[str, Any]:
        meta = {"vocab_type": 2, "n_vocab": 151936, "n_ctx": _CONTEXT_LENGTH, "n_ctx_train": 40960, "n_embd": 4096,
                "n_params": 8_190_735_360, "size": 5_021_000_000}  # fmt: skip
        return {"id": name, "aliases": [], "tags": [], "object": "model", "created": CREATED, "owned_by": "llamacpp",
                "meta": meta}  # fmt: skip

    def handle(self, request: Request, connection: Connection) -> None:
        if self.is_loading:
            (_LOADING_PAGE if request.path == "/" else _LOADING).send(connection, self.own_headers)
        else:
            super().handle(request, connection)

    def _list(self) -> dict[str, Any]:
        abilities = ["completion", "multimodal"] if self.sees else ["completion"]
        details = {"parent_model": "", "format": "gguf", "family": "", "families": [""], "parameter_size": "",
                   "quantization_level": ""}  # fmt: skip
        rows = [
            {
                "name": card["id"], "model": card["id"], "modified_at": "", "size": "", "digest": "", "type": "model",
                "description": "", "tags": [""], "capabilities": abilities, "parameters": "", "details": details,
            }
            for card in self.models
        ]  # fmt: skip
        return {"models": rows, "object": "list", "data": self.models}

    def _props(self) -> dict[str, Any]:
        return {
            "default_generation_settings": {"params": {}, "n_ctx": _CONTEXT_LENGTH}, "total_slots": 4,
            "model_alias": self.models[0]["id"], "model_path": "/models/qwen3-8b-q4_k_m.gguf",
            "modalities": {"vision": self.sees, "video": False, "audio": False}, "endpoint_slots": True,
            "endpoint_props": False, "endpoint_metrics": False, "chat_template": "{{ messages }}",
            "bos_token": ",", "eos_token": "<|im_end|>", "build_info": "b6123-abc1234", "is_sleeping": False,
        }  # fmt: skip
