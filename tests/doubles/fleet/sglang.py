"""SGLang. Source: github.com/sgl-project/sglang, srt/entrypoints/http_server.py, openai/protocol.py."""

from typing import Any

from tests.doubles.fleet.answering import CREATED, Answer, ModelProduct, fixed


class SgLang(ModelProduct):
    """One model; the older names of the two information pages answer beside the new ones."""

    names = ("meta-llama/Llama-3.1-8B-Instruct",)
    own_headers = "Server: uvicorn\r\n"
    _needs_key = staticmethod(lambda path: not path.startswith("/health"))

    def __init__(self, *names: str, key: str = "") -> None:
        super().__init__(*names, key=key)
        self.routes |= {
            "GET /health": fixed(b""),
            "GET /get_model_info": lambda _: Answer(self._model_info()),
            "GET /model_info": lambda _: Answer(self._model_info()),
            "GET /get_server_info": lambda _: Answer(self._server_info()),
            "GET /server_info": lambda _: Answer(self._server_info()),
        }

    def card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "sglang", "root": name, "parent": None,
                "max_model_len": 131072}  # fmt: skip

    def _model_info(self) -> dict[str, Any]:
        name = self.models[0]["id"]
        return {"model_path": name, "tokenizer_path": name, "is_generation": True, "preferred_sampling_params": None}

    def _server_info(self) -> dict[str, Any]:
        name = self.models[0]["id"]
        return {"model_path": name, "served_model_name": name, "context_length": 131072, "tp_size": 1,
                "internal_states": [{"last_gen_throughput": 0.0}], "version": "0.5.4"}  # fmt: skip
