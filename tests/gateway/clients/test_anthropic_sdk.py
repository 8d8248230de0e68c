"""The `anthropic` package, unchanged: sync, async, streaming, tools, thinking, counting, errors."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from pydantic import BaseModel

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

ASK: dict[str, Any] = {"model": "fake", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
WEATHER: Any = {
    "name": "get_weather",
    "description": "Tells the weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


class God(BaseModel):
    """What `parse` reads an answer into."""

    name: str
    age: int


@pytest.fixture
async def client(door: Program) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """The asynchronous client, with the key where Anthropic's programs put it."""
    async with anthropic.AsyncAnthropic(base_url=door.url, api_key=door.key, max_retries=0) as client:
        yield client


async def test_a_program_that_waits(door: Program) -> None:
    def ask() -> tuple[str, str]:
        with anthropic.Anthropic(base_url=door.url, auth_token=door.key, max_retries=0) as client:
            whole = client.messages.create(**ASK)
            with client.messages.stream(**ASK) as stream:
                streamed = "".join(stream.text_stream)
            return whole.content[0].text, streamed

    assert await asyncio.to_thread(ask) == (expected_text("Hello", 50), expected_text("Hello", 50))


async def test_a_stream_adds_up_to_the_message(client: anthropic.AsyncAnthropic, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=5, thinking=2, tool_calls=(("get_weather", {"city": "Athens"}),))

    async with client.messages.stream(**ASK, tools=[WEATHER]) as stream:
        kinds = {event.type async for event in stream}
        message = await stream.get_final_message()

    thinking, text, tool = message.content
    assert {"message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop"} <= kinds
    assert (thinking.type, text.type, tool.type) == ("thinking", "text", "tool_use")
    assert thinking.thinking == "thought 0 thought 1 "
    assert text.text == expected_text("Hello", 5)
    assert (tool.name, tool.input) == ("get_weather", {"city": "Athens"})
    assert (message.stop_reason, message.usage.output_tokens) == ("tool_use", 7)
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (23, 3)


async def test_a_conversation_with_a_tool(client: anthropic.AsyncAnthropic, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=0, tool_calls=(("get_weather", {"city": "Athens"}),))
    asked = await client.messages.create(**ASK, tools=[WEATHER])
    upstream.default = Script()

    result = {"type": "tool_result", "tool_use_id": asked.content[0].id, "content": "sunny"}
    turns: Any = [
        *ASK["messages"],
        {"role": "assistant", "content": asked.content},
        {"role": "user", "content": [result]},
    ]
    said = await client.messages.create(**{**ASK, "messages": turns}, tools=[WEATHER])

    assert said.content[0].text
    assert upstream.log.requests[-1].body["messages"][-1] == {
        "role": "tool",
        "tool_call_id": asked.content[0].id,
        "content": "sunny",
    }


async def test_parse_into_a_class(client: anthropic.AsyncAnthropic, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"name": "Ze', 'us", "age":', " 4000}"))

    answer = await client.messages.parse(**ASK, output_format=God)

    assert answer.parsed_output == God(name="Zeus", age=4000)


async def test_thinking_is_asked_of_a_model_that_can(client: anthropic.AsyncAnthropic, upstream: FakeOpenAI) -> None:
    await client.messages.create(
        **{**ASK, "model": "fake-thinking", "max_tokens": 2000}, thinking={"type": "enabled", "budget_tokens": 1024}
    )

    assert upstream.log.requests[-1].body["reasoning_effort"] == "medium"


async def test_tokens_are_counted(client: anthropic.AsyncAnthropic) -> None:
    counted = await client.messages.count_tokens(model="fake", messages=ASK["messages"], tools=[WEATHER])

    assert counted.input_tokens > 10


async def test_models_are_listed(client: anthropic.AsyncAnthropic) -> None:
    listed = {model.id: model async for model in client.models.list()}
    one = await client.models.retrieve("fake")

    assert (one.type, one.display_name, one.max_input_tokens) == ("model", "fake", 8192)
    assert one == listed["fake"]
    assert one.created_at.year == 2023


async def test_errors_are_the_packages_own(
    client: anthropic.AsyncAnthropic, door: Program, upstream: FakeOpenAI
) -> None:
    with pytest.raises(anthropic.NotFoundError):
        await client.messages.create(**{**ASK, "model": "nothing"})
    with pytest.raises(anthropic.BadRequestError) as wrong:
        await client.messages.create(**ASK, extra_body={"temperature": 9})
    async with anthropic.AsyncAnthropic(base_url=door.url, api_key="oly_no", max_retries=0) as nobody:
        with pytest.raises(anthropic.AuthenticationError):
            await nobody.messages.create(**ASK)
    upstream.default = Script(tokens=20, fault="cut", fault_at=5)
    with pytest.raises(anthropic.APIStatusError):
        async with client.messages.stream(**ASK) as stream:
            await stream.get_final_message()

    assert "temperature" in wrong.value.message
