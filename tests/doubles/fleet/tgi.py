"""Text Generation Inference. Source: github.com/huggingface/text-generation-inference at db931fcf,

router/src/server.rs and lib.rs.
"""

from typing import Any

from tests.doubles.fleet.answering import Answer, ModelProduct, fixed


class Tgi(ModelProduct):
    """One model, which its list calls its own owner."""

    names = ("HuggingFaceH4/zephyr-7b-beta",)
    not_found = Answer(b"", 404)

    def __init__(self, *names: str, key: str = "") -> None:
        super().__init__(*names, key=key)
        self.routes |= {
            "GET /info": lambda _: Answer(self._info()),
            "GET /health": fixed(b""),
            "GET /ping": fixed(b""),
            "GET /": fixed(b""),
        }

    def card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": 0, "owned_by": name}

    def _info(self) -> dict[str, Any]:
        return {
            "model_id": self.models[0]["id"], "model_sha": "e985a63cdc139290c5f700ff1929f0b5942cced2",
            "model_pipeline_tag": "text-generation", "max_concurrent_requests": 128, "max_best_of": 2,
            "max_stop_sequences": 4, "max_input_tokens": 3072, "max_total_tokens": 4096, "validation_workers": 2,
            "max_client_batch_size": 4, "router": "text-generation-router", "version": "3.3.7", "sha": None,
            "docker_label": None,
        }  # fmt: skip
