"""vLLM. Source: github.com/vllm-project/vllm, entrypoints/openai/models/serving.py, engine/protocol.py."""

from typing import Any

from tests.doubles.fleet.answering import CREATED, ModelProduct, fixed


class Vllm(ModelProduct):
    """With a key, only what lies below /v1 needs it; version and health stay open."""

    names = ("Qwen/Qwen3-8B",)
    own_headers = "Server: uvicorn\r\n"

    def __init__(self, *names: str, key: str = "") -> None:
        super().__init__(*names, key=key)
        self.routes |= {
            "GET /version": fixed({"version": "0.11.2"}),
            "GET /health": fixed(b""),
            "GET /ping": fixed(b""),
        }

    def card(self, name: str) -> dict[str, Any]:
        permission = {
            "id": "modelperm-5f0b", "object": "model_permission", "created": CREATED, "allow_create_engine": False,
            "allow_sampling": True, "allow_logprobs": True, "allow_search_indices": False, "allow_view": True,
            "allow_fine_tuning": False, "organization": "*", "group": None, "is_blocking": False,
        }  # fmt: skip
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "vllm", "root": name, "parent": None,
                "max_model_len": 40960, "permission": [permission]}  # fmt: skip
