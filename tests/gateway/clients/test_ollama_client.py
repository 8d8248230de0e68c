"""The `ollama` package, unchanged, with the key in its headers."""

import asyncio
from collections.abc import AsyncIterator

import ollama
import pytest

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.openai_media import PNG
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = [{"role": "user", "content": "Hello"}]


def get_weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Where.
    """
    return f"sunny in {city}"


@pytest.fixture
async def client(door: Program) -> AsyncIterator[ollama.AsyncClient]:
    """The asynchronous client."""
    async with ollama.AsyncClient(door.url, headers={"Authorization": f"Bearer {door.key}"}) as client:
        yield client


async def test_a_program_that_waits(door: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", door.url)
    monkeypatch.setenv("OLLAMA_API_KEY", door.key)

    def ask() -> tuple[str | None, str, str | None]:
        with ollama.Client() as client:
            whole = client.chat("fake", HELLO)
            streamed = "".join(part.message.content or "" for part in client.chat("fake", HELLO, stream=True))
            generated = client.generate("fake", "Hello")
            return whole.message.content, streamed, generated.response

    assert await asyncio.to_thread(ask) == (expected_text("Hello", 50),) * 3


async def test_chat_with_its_durations(client: ollama.AsyncClient) -> None:
    parts = [part async for part in await client.chat("fake", HELLO, stream=True, options={"num_predict": 5})]

    last = parts[-1]
    assert "".join(part.message.content or "" for part in parts) == expected_text("Hello", 5)
    assert (last.done, last.done_reason, last.eval_count, last.prompt_eval_count) == (True, "length", 5, 26)
    assert last.total_duration is not None
    assert last.eval_duration is not None
    assert last.total_duration >= last.eval_duration


async def test_generate(client: ollama.AsyncClient, upstream: FakeOpenAI) -> None:
    parts = [
        part async for part in await client.generate("fake", "Hello", system="Be brief.", images=[PNG], stream=True)
    ]

    assert "".join(part.response or "" for part in parts) == expected_text("Hello", 50)
    assert [message["role"] for message in upstream.log.requests[-1].body["messages"]] == ["system", "user"]


async def test_tools(client: ollama.AsyncClient, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=0, tool_calls=(("get_weather", {"city": "Athens"}),))
    asked = await client.chat("fake", HELLO, tools=[get_weather])
    upstream.default = Script()

    assert asked.message.tool_calls is not None
    call = asked.message.tool_calls[0].function
    result = {"role": "tool", "content": get_weather(**call.arguments), "tool_name": call.name}
    said = await client.chat("fake", [*HELLO, asked.message, result], tools=[get_weather])

    answered = upstream.log.requests[-1].body["messages"]
    assert said.message.content
    assert answered[-1]["content"] == "sunny in Athens"
    assert answered[-1]["tool_call_id"] == answered[-2]["tool_calls"][0]["id"]


async def test_thinking_and_a_format(client: ollama.AsyncClient, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"age":', "4000}"), thinking=1)
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}}

    answer = await client.chat("fake-thinking", HELLO, think=True, format=schema, keep_alive="5m")

    body = upstream.log.requests[-1].body
    assert (answer.message.thinking, answer.message.content) == ("thought 0 ", '{"age":4000}')
    assert (body["reasoning_effort"], body["response_format"]["json_schema"]["schema"]) == ("medium", schema)


async def test_embed(client: ollama.AsyncClient) -> None:
    answer = await client.embed("text-embedding-3-small", ["a", "four"])
    old = await client.embeddings("text-embedding-3-small", "four")

    assert [list(vector) for vector in answer.embeddings] == [[1.0, 0.5, -1.0], [4.0, 0.5, -1.0]]
    assert list(old.embedding) == [4.0, 0.5, -1.0]


async def test_models(client: ollama.AsyncClient) -> None:
    models = (await client.list()).models
    shown = await client.show("fake")
    running = (await client.ps()).models

    assert "fake" in {model.model for model in models}
    assert shown.capabilities == ["completion", "tools", "vision"]
    assert list(running) == []


async def test_errors_say_what_to_do(client: ollama.AsyncClient, door: Program, upstream: FakeOpenAI) -> None:
    with pytest.raises(ollama.ResponseError) as unknown:
        await client.chat("nothing", HELLO)
    with pytest.raises(ollama.ResponseError, match="manages models elsewhere"):
        await client.pull("fake")
    with pytest.raises(ollama.ResponseError, match="manages models elsewhere"):
        await client.delete("fake")
    async with ollama.AsyncClient(door.url) as nobody:
        with pytest.raises(ollama.ResponseError) as keyless:
            await nobody.list()
    upstream.default = Script(tokens=20, fault="cut", fault_at=5)
    with pytest.raises(ollama.ResponseError):
        async for _part in await client.chat("fake", HELLO, stream=True):
            pass

    assert (unknown.value.status_code, keyless.value.status_code) == (404, 401)
