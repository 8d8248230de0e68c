"""A fake OpenAI-compatible server. Source: the types of the `openai` package 3.52."""

import json
from typing import Any

from tests.doubles.http_server import Connection, Request
from tests.doubles.model_server import ModelServer, last_user_text, run
from tests.doubles.openai_media import (
    event,
    image_events,
    images_answer,
    sound_of,
    speech_events,
    transcript,
    transcript_events,
)
from tests.doubles.streaming import LAST_CHUNK, Script, Stream, chunk, script_from_model
from tests.doubles.texts import expected_text

__all__ = ["FakeOpenAI", "Script", "expected_text"]

_CREATED = 1_795_165_200


class FakeOpenAI(ModelServer):
    """Models as in `models`; with `key` set, requests need it. `refused` names body fields it answers with 400."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, default: Script | None = None, *, key: str = "", **scripts: Script) -> None:
        super().__init__(default, **scripts)
        self.key = key
        self.refused: set[str] = set()
        self.answers: dict[str, bytes] = {}  # by path: bodies instead of what the server would say
        self.reasoning_field = "reasoning_content"
        self.models: list[dict[str, Any]] = []
        self.offer("fake", "gpt-4o-mini", "text-embedding-3-small", "omni-moderation-latest")

    def offer(self, *names: str) -> None:
        """This will list more models."""
        self.models += [{"id": name, "object": "model", "created": _CREATED, "owned_by": "fake"} for name in names]

    @property
    def base_url(self) -> str:
        """The address a client builds on."""
        return f"{self.url}/v1"

    def handle(self, request: Request, connection: Connection) -> None:
        body = request.body or {}
        if request.path == "/_script":
            self.set_script(connection, body)
            return
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            connection.send_json(self.error_body(f"Incorrect API key provided: {given}.", 401), 401)
            return
        match (request.method, request.path):
            case ("GET", "/v1/models"):
                connection.send_json({"object": "list", "data": self.models})
            case ("POST", "/v1/embeddings"):
                self._embed(body, connection)
            case ("POST", "/v1/chat/completions"):
                self._complete(request, connection)
            case ("POST", "/v1/images/generations" | "/v1/audio/transcriptions" | "/v1/audio/speech"):
                self._make_media(request, connection)
            case _:
                connection.send_json(self.error_body("Not Found", 404), 404)

    def error_body(self, message: str, status: int) -> Any:
        codes = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
        kind = "invalid_request_error" if status < 500 else "server_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": codes.get(status)}}

    def opening(self, model: str) -> list[bytes]:
        return [self._chunk(model, {"role": "assistant", "content": "", "refusal": None})]

    def frame(self, model: str, text: str, *, is_thinking: bool = False) -> bytes:
        return self._chunk(model, {self.reasoning_field if is_thinking else "content": text})

    def closing(self, request: Request, script: Script, token_count: int) -> list[bytes]:
        model = request.body["model"]
        lines = [self._chunk(model, {"tool_calls": [part]}) for part in _call_parts(script)]
        limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens")
        reason = "tool_calls" if script.tool_calls else "length" if limit and token_count >= limit else "stop"
        lines.append(self._chunk(model, {}, reason))
        if (request.body.get("stream_options") or {}).get("include_usage"):
            usage = {
                "prompt_tokens": 26, "completion_tokens": token_count, "total_tokens": 26 + token_count,
                "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
            }  # fmt: skip
            lines.append(event({**_base(model), "choices": [], "usage": usage}))
        return [*lines, b"data: [DONE]\n\n"]

    def fault_line(self, fault: str) -> bytes:
        if fault == "error":
            return event(self.error_body("The server had an error while processing your request.", 500))
        return b'data: {"id":"chatcmpl-fake","choices":[{"delta":{"cont<<<\n\n'

    def _chunk(self, model: str, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return event({**_base(model), "choices": [choice]})

    def _complete(self, request: Request, connection: Connection) -> None:
        for name in sorted(self.refused & set(request.body)):
            hint = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            connection.send_json(self.error_body(f"Unsupported parameter: '{name}' is not supported.{hint}", 400), 400)
            return
        limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens")
        last = request.body["messages"][-1]
        goes_on = request.body.get("continue_final_message") or self.models[0].get("owned_by") == "llamacpp"
        prefix = last["content"] if goes_on and last["role"] == "assistant" else ""
        if request.body.get("stream"):
            self.chat(request, connection, limit=limit, prefix=prefix)
        else:
            self._answer_whole(request, connection, limit)

    def _answer_whole(self, request: Request, connection: Connection, limit: int | None) -> None:
        """A plain answer, for programs other than Olympus, which streams always."""
        script = script_from_model(request.body["model"], self.scripts, self.default)
        if self._refuse(script.fault, connection):
            return
        tokens = min(script.tokens, limit or script.tokens)
        message = {"role": "assistant", "content": expected_text(last_user_text(request.body["messages"]), tokens)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        usage = {"prompt_tokens": 26, "completion_tokens": tokens, "total_tokens": 26 + tokens}
        body = {**_base(request.body["model"]), "object": "chat.completion", "choices": [choice], "usage": usage}
        connection.send_json(body)
        self.log.finished_count += 1

    def _make_media(self, request: Request, connection: Connection) -> None:
        script = script_from_model(request.body["model"], self.scripts, self.default)
        if self._refuse(script.fault, connection):
            return
        is_streamed = str(request.body.get("stream", "")).lower() == "true"
        match request.path.rpartition("/")[2]:
            case _ if request.path in self.answers:
                connection.send_body(self.answers[request.path], "application/json")
            case "generations" if is_streamed:
                self._play(request, connection, script, image_events(request.body), self.content_type)
            case "generations":
                connection.send_json(images_answer(request.body))
            case "transcriptions" if is_streamed:
                self._play(request, connection, script, transcript_events(request.body), self.content_type)
            case "transcriptions":
                body, content_type = transcript(request.body)
                connection.send_body(body, content_type)
            case _ if request.body.get("stream_format") == "sse":
                pieces = speech_events(request.body["input"], script.tokens)
                self._play(request, connection, script, pieces, self.content_type)
            case _:
                kind = request.body.get("response_format", "mp3").replace("mp3", "mpeg")
                self._play(request, connection, script, sound_of(request.body["input"], script.tokens), f"audio/{kind}")

    def _play(
        self, request: Request, connection: Connection, script: Script, pieces: list[bytes], content_type: str
    ) -> None:
        """Send pieces as the script says, with its faults."""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = [chunk(piece) for piece in pieces]
        Stream(connection, self._pacer, self.log, script, chunks, LAST_CHUNK, model=request.body["model"]).start(
            head.encode()
        )

    def _embed(self, body: dict[str, Any], connection: Connection) -> None:
        script = script_from_model(body["model"], self.scripts, Script())
        if self._refuse(script.fault, connection):
            return
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        rows = [
            {"object": "embedding", "index": index, "embedding": [float(len(text)), 0.5, -1.0]}
            for index, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": 8, "total_tokens": 8}
        connection.send_json({"object": "list", "data": rows[::-1], "model": body["model"], "usage": usage})


def _base(model: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": _CREATED, "model": model,
        "service_tier": "default", "system_fingerprint": "fp_fake",
    }  # fmt: skip


def _call_parts(script: Script) -> list[dict[str, Any]]:
    """Tool calls in fragments, as they stream: the name first, then the arguments a few characters at a time."""
    parts: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(script.tool_calls):
        function = {"name": name, "arguments": ""}
        parts.append({"index": index, "id": f"call_{index}abc", "type": "function", "function": function})
        text = json.dumps(arguments)
        parts += [{"index": index, "function": {"arguments": text[at : at + 5]}} for at in range(0, len(text), 5)]
    return parts


if __name__ == "__main__":
    run(FakeOpenAI)
