"""A fake Ollama. Source: github.com/ollama/ollama, api/types.go, server/routes.go, as of August 2026."""

import json
from collections.abc import Callable
from typing import Any

from tests.doubles.http_server import Connection, Request
from tests.doubles.model_server import ModelServer, last_user_text, run
from tests.doubles.ollama_managing import Managing
from tests.doubles.streaming import Script, script_from_model
from tests.doubles.texts import expected_text

__all__ = ["FakeOllama", "Script", "expected_text"]

_CREATED = "2026-11-20T09:00:00.123456789Z"
_DETAILS: dict[str, Any] = {
    "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
    "parameter_size": "3.2B", "quantization_level": "Q4_K_M",
}  # fmt: skip


def _go_json(value: Any) -> bytes:
    """JSON as Go's encoder writes it: no spaces, UTF-8, and <, >, & escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()


class FakeOllama(ModelServer):
    """Models: `fake` chats; `fake-vision` sees, thinks and calls tools; `fake-embed` embeds. Any other name chats too."""

    content_type = "application/x-ndjson"

    def __init__(self, default: Script | None = None, **scripts: Script) -> None:
        super().__init__(default, **scripts)
        self.models: dict[str, list[str]] = {
            "fake:latest": ["completion", "tools"],
            "fake-vision:latest": ["completion", "vision", "tools", "thinking"],
            "fake-embed:latest": ["embedding"],
        }
        self.loaded: list[str] = []
        self.context_length = 131072
        self.tells_all_in_tags = False
        self.managing = Managing(self)
        self._answers: dict[str, Callable[[Request, Connection], None]] = {
            "GET /": lambda _, c: c.send_body(b"Ollama is running", "text/plain; charset=utf-8"),
            "GET /api/version": lambda _, c: c.send_json({"version": "0.12.3"}),
            "GET /api/tags": lambda _, c: c.send_json({"models": [self._listed(name) for name in self.models]}),
            "GET /api/ps": lambda _, c: c.send_json({"models": [self._running(name) for name in self.loaded]}),
            "POST /api/show": lambda r, c: self._show(r.body, c),
            "POST /api/embed": lambda r, c: self._embed(r.body, c),
            "POST /api/chat": self._answer_chat,
            "POST /_script": lambda r, c: self.set_script(c, r.body),
        }

    def handle(self, request: Request, connection: Connection) -> None:
        answer = self._answers.get(f"{request.method} {request.path}")
        if answer is None and self.managing.handle(request, connection):
            return
        if answer is None:
            connection.send_body(b"404 page not found", "text/plain", 404)
        else:
            answer(request, connection)

    def _answer_chat(self, request: Request, connection: Connection) -> None:
        messages = request.body["messages"]
        prefix = messages[-1]["content"] if messages and messages[-1]["role"] == "assistant" else ""
        self.chat(request, connection, limit=request.body.get("options", {}).get("num_predict"), prefix=prefix)

    def error_body(self, message: str, status: int) -> Any:
        return {"error": message}

    def frame(self, model: str, text: str, *, is_thinking: bool = False) -> bytes:
        message = (
            {"role": "assistant", "content": "", "thinking": text}
            if is_thinking
            else {"role": "assistant", "content": text}
        )
        return _go_json({"model": model, "created_at": _CREATED, "message": message, "done": False}) + b"\n"

    def closing(self, request: Request, script: Script, token_count: int) -> list[bytes]:
        model = request.body["model"]
        base = {"model": model, "created_at": _CREATED}
        calls = [
            {"id": f"call_{index}", "function": {"index": index, "name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(script.tool_calls)
        ]
        lines = []
        if calls:
            message = {"role": "assistant", "content": "", "tool_calls": calls}
            lines.append(_go_json({**base, "message": message, "done": False}) + b"\n")
        limit = request.body.get("options", {}).get("num_predict")
        metrics = {
            "total_duration": 5_043_500_667, "load_duration": 5_025_959, "prompt_eval_count": 26,
            "prompt_eval_duration": 325_953_000, "eval_count": token_count, "eval_duration": 4_709_213_000,
        }  # fmt: skip
        reason = "length" if limit is not None and token_count >= limit else "stop"
        done = {**base, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason, **metrics}
        return [*lines, _go_json(done) + b"\n"]

    def fault_line(self, fault: str) -> bytes:
        if fault == "error":
            return b'{"error":"an error was encountered while running the model: CUDA error: out of memory"}\n'
        return b'{"model":"fake","message":{"role":"assis<<<\n'

    def _listed(self, name: str) -> dict[str, Any]:
        details = _DETAILS
        more: dict[str, Any] = {}
        if self.tells_all_in_tags:
            details = {**_DETAILS, "context_length": self.context_length, "embedding_length": 3072}
            more = {"capabilities": self.models[name]}
        return {
            **more, "name": name, "model": name, "modified_at": _CREATED, "size": 2_019_393_189,
            "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72", "details": details,
        }  # fmt: skip

    def _running(self, name: str) -> dict[str, Any]:
        return {**self._listed(name), "expires_at": _CREATED, "size_vram": 2_019_393_189, "context_length": 4096}

    def _show(self, body: dict[str, Any], connection: Connection) -> None:
        name = body.get("model", "")
        if name not in self.models:
            connection.send_json({"error": f"model '{name}' not found"}, 404)
            return
        info = {
            "general.architecture": "llama",
            "llama.context_length": self.context_length,
            "llama.embedding_length": 3072,
        }
        connection.send_json(
            {
                "license": "Do what is right.",
                "parameters": 'stop                           "<|end|>"\nnum_ctx 4096',
                "template": "{{ .System }} {{ .Prompt }}",
                "system": self.managing.made.get(name, {}).get("system", ""),
                "details": _DETAILS,
                "model_info": info,
                "capabilities": self.models[name],
                "modified_at": _CREATED,
            }
        )

    def _embed(self, body: dict[str, Any], connection: Connection) -> None:
        script = script_from_model(body["model"], self.scripts, Script())
        if self._refuse(script.fault, connection):
            return
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        if not texts:
            self.managing.hold(body["model"])
        vectors = [[float(len(text)), 0.5, -1.0] for text in texts]
        connection.send_json(
            {
                "model": body["model"],
                "embeddings": vectors,
                "total_duration": 14143917,
                "load_duration": 1019500,
                "prompt_eval_count": 8,
            }
        )


def prompt_of(request: Request) -> str:
    """This will return the prompt an answer was made from, for `expected_text`."""
    return last_user_text(request.body["messages"])


if __name__ == "__main__":
    run(FakeOllama)
