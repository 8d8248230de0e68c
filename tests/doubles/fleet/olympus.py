"""Another Olympus, as its own docs/gateway.md and olympus/health.py have it; a test holds this to the real one."""

from tests.doubles.fleet.answering import CREATED, HTML, Answer, ModelProduct, fixed

_NO_KEY = "You did not provide an API key. Send one as Authorization: Bearer YOUR_KEY; make one under API keys."


class Olympus(ModelProduct):
    """Without a key it tells which one it is, that it lives and is ready, and nothing else."""

    names = ("llama3.2",)
    not_found = Answer(b"<!doctype html><title>Not found</title>", 404, HTML)
    unauthorized = Answer(
        {"error": {"message": _NO_KEY, "type": "invalid_request_error", "param": None, "code": "missing_api_key"}},
        401,
        headers="WWW-Authenticate: Bearer\r\n",
    )
    _needs_key = staticmethod(lambda path: path.startswith(("/v1/", "/api/")))

    def __init__(self, *names: str, key: str = "oly_right", instance: str = "0123456789abcdef01234567") -> None:
        super().__init__(*names, key=key)
        self.own_headers = f"X-Olympus-Instance: {instance}\r\n"
        self.routes |= {
            "GET /healthz": fixed({"status": "ok"}),
            "GET /readyz": fixed({"status": "ok", "checks": {"database": {"ok": True, "reason": ""}}}),
        }

    def card(self, name: str) -> dict[str, object]:
        return {
            "id": name, "object": "model", "created": CREATED, "owned_by": "Ollama",
            "capabilities": ["chat", "tools"], "context_length": 131072, "type": "model", "display_name": name,
            "created_at": "2026-11-21T09:00:00Z", "lifecycle": "active", "max_input_tokens": 131072,
        }  # fmt: skip
