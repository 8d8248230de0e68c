"""What the gateway answers is, to the letter, what the packages' own types say: they read leniently, their types do not."""

from typing import Any

import anthropic.types
import ollama
import openai.types
import openai.types.chat
import openai.types.responses
import pytest
from pydantic import TypeAdapter

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.gateway.conftest import Answer, Program

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = [{"role": "user", "content": "Hello"}]
SCHEMA: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
FUNCTION = {"name": "weather", "description": "Tell it", "parameters": SCHEMA, "strict": True}
SCRIPTS = {
    "text": Script(tokens=3),
    "thought": Script(tokens=3, thinking=2),
    "calls": Script(tokens=2, thinking=1, tool_calls=(("weather", {"city": "Athens"}), ("weather", {}))),
    "nothing": Script(tokens=0),
}


@pytest.fixture(params=SCRIPTS)
def speaking(request: pytest.FixtureRequest, upstream: FakeOpenAI) -> FakeOpenAI:
    """A model server that answers in one of the ways models do."""
    upstream.default = SCRIPTS[request.param]
    return upstream


def told(answer: Answer) -> list[Any]:
    """The data of a stream's events."""
    assert answer.status == 200, answer.body
    return [event for event in answer.events() if event != "[DONE]"]


@pytest.mark.usefixtures("speaking")
async def test_chat_completions(door: Program) -> None:
    more = {"tools": [{"type": "function", "function": FUNCTION}], "logprobs": True}
    whole = await door.chat(**more, n=2)
    streamed = told(await door.chat(**more, stream=True, stream_options={"include_usage": True}))

    openai.types.chat.ChatCompletion.model_validate(whole.json(), strict=True)
    for chunk in streamed:
        openai.types.chat.ChatCompletionChunk.model_validate(chunk, strict=True)


@pytest.mark.usefixtures("speaking")
async def test_responses(door: Program) -> None:
    tools = [{"type": "function", **FUNCTION}]
    form = {"format": {"type": "json_schema", "name": "thing", "schema": SCHEMA}}
    body = {"model": "fake", "input": "Hello", "tools": tools, "text": form, "reasoning": {"effort": "low"}}
    whole = await door("POST", "/v1/responses", body)
    cut = await door("POST", "/v1/responses", {**body, "max_output_tokens": 1})
    streamed = told(await door("POST", "/v1/responses", {**body, "stream": True}))

    openai.types.responses.Response.model_validate(whole.json())
    openai.types.responses.Response.model_validate(cut.json())
    events = TypeAdapter[Any](openai.types.responses.ResponseStreamEvent)
    for event in streamed:
        assert events.validate_python(event).type == event["type"]


@pytest.mark.usefixtures("speaking")
async def test_messages(door: Program) -> None:
    tools = [{"name": "weather", "input_schema": SCHEMA}]
    body = {"model": "fake", "max_tokens": 100, "messages": HELLO, "tools": tools}
    whole = await door("POST", "/v1/messages", body)
    streamed = told(await door("POST", "/v1/messages", {**body, "stream": True}))

    anthropic.types.Message.model_validate(whole.json())
    events = TypeAdapter[Any](anthropic.types.RawMessageStreamEvent)
    for event in streamed:
        if event["type"] != "ping":
            assert events.validate_python(event).type == event["type"]


@pytest.mark.usefixtures("speaking")
async def test_ollamas_chat_and_generate(door: Program) -> None:
    chat = {"model": "fake", "messages": HELLO, "tools": [{"type": "function", "function": FUNCTION}]}
    generate = {"model": "fake", "prompt": "Hello"}
    chatted = [await door("POST", "/api/chat", {**chat, "stream": stream}) for stream in (True, False)]
    generated = [await door("POST", "/api/generate", {**generate, "stream": stream}) for stream in (True, False)]

    for line in b"".join(answer.body.rstrip() + b"\n" for answer in chatted).splitlines():
        ollama.ChatResponse.model_validate_json(line)
    for line in b"".join(answer.body.rstrip() + b"\n" for answer in generated).splitlines():
        ollama.GenerateResponse.model_validate_json(line)


async def test_lists_and_vectors(door: Program) -> None:
    for listed in (await door("GET", "/v1/models")).json()["data"]:
        openai.types.Model.model_validate(listed)
        anthropic.types.ModelInfo.model_validate({**listed, "capabilities": None})  # Olympus's own are words
    ollama.ListResponse.model_validate((await door("GET", "/api/tags")).json())
    ollama.ProcessResponse.model_validate((await door("GET", "/api/ps")).json())
    ollama.ShowResponse.model_validate((await door("POST", "/api/show", {"model": "fake"})).json())
    vectors = {"model": "text-embedding-3-small", "input": ["a", "b"]}
    openai.types.CreateEmbeddingResponse.model_validate((await door("POST", "/v1/embeddings", vectors)).json())
    ollama.EmbedResponse.model_validate((await door("POST", "/api/embed", vectors)).json())
    body = {"model": "gpt-image-2", "prompt": "a temple"}
    openai.types.ImagesResponse.model_validate((await door("POST", "/v1/images/generations", body)).json())
