"""Servers that speak OpenAI's chat completions: OpenAI itself, vLLM, llama.cpp, LM Studio, LocalAI and more."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from apps.inference.contracts import (
    Capability,
    ChatRequest,
    Embeddings,
    MediaAnswer,
    MediaRequest,
    ModelEvent,
    ModelInfo,
)
from apps.inference.engine.names import is_openai
from apps.inference.engine.openai_catalog import TOLD_TO_GO_ON, ListedModel, model_info
from apps.inference.engine.openai_chunks import ChunkParser
from apps.inference.engine.openai_media import open_media
from apps.inference.engine.openai_request import OPTIONAL, amended, chat_body
from apps.inference.engine.wire import Server, fetch, stream_events
from apps.inference.errors import MalformedStream, ModelError, ProviderRefused

# The request as it is, and one more for each parameter servers are known to differ in; one is renamed.
_AMENDMENTS = 2 + len(OPTIONAL)


class _Models(msgspec.Struct):
    data: list[ListedModel] | None


class _Vector(msgspec.Struct):
    embedding: tuple[float, ...]
    index: int = 0


class _EmbeddingUsage(msgspec.Struct):
    prompt_tokens: int = 0


class _Embedded(msgspec.Struct):
    data: list[_Vector]
    model: str = ""
    usage: _EmbeddingUsage | None = None


_models = msgspec.json.Decoder(_Models)
_embedded = msgspec.json.Decoder(_Embedded)


class OpenAICompatibleClient:
    """A ModelClient for one server; its base address ends where `/chat/completions` begins."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """This will stream an answer from /chat/completions.

        A parameter this server says it does not know is left out or renamed and the request
        repeated: a refusal comes before the first token, so nothing is lost.
        """
        body = chat_body(
            request,
            is_openai=is_openai(self._server.base_url),
            must_be_told=request.goes_on and await self._must_be_told(request.model),
        )
        for _ in range(_AMENDMENTS):
            try:
                async with aclosing(self._stream(body)) as events:
                    async for event in events:
                        yield event
            except ProviderRefused as error:
                changed = amended(body, error)
                if changed is None:
                    raise
                body = changed
            else:
                return
        raise ProviderRefused("The model server refuses every form of the request Olympus knows.")

    async def _must_be_told(self, model: str) -> bool:
        """Whether the server goes on with an answer only if it is told to; one more request, where another failed."""
        try:
            answer = await fetch(self._server, "GET", "/models", _models)
        except ModelError:
            return False
        return any(listed.id == model and listed.owned_by in TOLD_TO_GO_ON for listed in answer.data or [])

    def _stream(self, body: dict[str, Any]) -> AsyncGenerator[ModelEvent, None]:
        return stream_events(self._server, "/chat/completions", body, ChunkParser(self._server.api_key))

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """This will embed each text by /embeddings."""
        answer = await fetch(
            self._server, "POST", "/embeddings", _embedded,
            {"model": model, "input": list(texts), "encoding_format": "float"},
            timeout_s=self._server.timeouts.first_token_s,
        )  # fmt: skip
        if len(answer.data) != len(texts):
            raise MalformedStream("The model server embedded another number of texts than it was given.")
        rows = sorted(answer.data, key=lambda row: row.index)
        used = answer.usage.prompt_tokens if answer.usage else 0
        return Embeddings(answer.model or model, tuple(row.embedding for row in rows), used)

    async def open_media(self, capability: Capability, request: MediaRequest) -> MediaAnswer:
        """This will ask for pictures, a transcript or speech and return once the server begins to answer."""
        return await open_media(self._server, capability, request)

    async def list_models(self) -> list[ModelInfo]:
        """This will list the models; what each can do is told by the server or known by its name."""
        answer = await fetch(self._server, "GET", "/models", _models)
        infos = (model_info(listed) for listed in answer.data or [])
        return [info for info in infos if info.capabilities]
