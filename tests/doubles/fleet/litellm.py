"""LiteLLM's proxy. Source: github.com/BerriAI/litellm, proxy/health_endpoints/_health_endpoints.py; its 401 as in

issue 3372 there.
"""

from typing import Any

from tests.doubles.fleet.answering import CREATED, Answer, ModelProduct, fixed

_READY = {
    "status": "healthy", "db": "Not connected", "cache": None, "litellm_version": "1.80.0", "success_callbacks": [],
    "use_aiohttp_transport": True, "log_level": "WARNING", "is_detailed_debug": False,
}  # fmt: skip


class LiteLlm(ModelProduct):
    """Two health pages stay open with a master key; `/health` would call every model, so nobody may ask it."""

    names = ("gpt-4o", "claude-sonnet")
    own_headers = "Server: uvicorn\r\n"
    unauthorized = Answer({"error": {"message": "Authentication Error, No api key passed in.", "type": "auth_error", "param": "None", "code": "401"}}, 401)  # fmt: skip
    _needs_key = staticmethod(lambda path: not path.startswith("/health/"))

    def __init__(self, *names: str, key: str = "") -> None:
        super().__init__(*names, key=key)
        self.routes |= {
            "GET /health/liveliness": fixed("I'm alive!"),
            "GET /health/liveness": fixed("I'm alive!"),
            "GET /health/readiness": fixed(_READY),
            "GET /health": fixed({"healthy_endpoints": [], "unhealthy_endpoints": []}),
            "GET /v1/model/info": lambda _: Answer({"data": [self._info(card["id"]) for card in self.models]}),
        }

    def card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "openai"}

    def _info(self, name: str) -> dict[str, Any]:
        about = {"mode": "chat", "max_input_tokens": 128_000, "max_tokens": 16_384, "supports_vision": True,
                 "supports_function_calling": True}  # fmt: skip
        return {"model_name": name, "litellm_params": {"model": f"openai/{name}"}, "model_info": about}
