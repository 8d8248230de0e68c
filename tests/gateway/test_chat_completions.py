"""POST /v1/chat/completions."""

import asyncio
import base64
import json
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from asgiref.sync import sync_to_async

from apps.inference.models import Provider
from tests.doubles.fake_openai import FakeOpenAI, Script, expected_text
from tests.doubles.http_server import until
from tests.gateway.conftest import Program, connect
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Tell it", "parameters": {"type": "object"}, "strict": True},
}


def text_of(events: list[Any], index: int = 0) -> str:
    """Join what a stream said."""
    deltas = [choice["delta"] for event in events[:-1] for choice in event["choices"] if choice["index"] == index]
    return "".join(delta.get("content") or "" for delta in deltas)


def sent_to(upstream: FakeOpenAI) -> Any:
    """The body of the last request the model server got."""
    return upstream.log.requests[-1].body


async def test_a_whole_answer_is_a_completion(program: Program) -> None:
    answer = await program.chat("Hello")

    body = answer.json()
    assert answer.status == 200
    assert body["object"] == "chat.completion"
    assert body["model"] == "fake"
    assert body["choices"][0]["message"]["content"] == expected_text("Hello", 50)
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"]["completion_tokens"] == 50
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + 50


async def test_the_headers_tell_who_answers(program: Program) -> None:
    answer = await program.chat("Hello")

    assert answer.headers["x-olympus-model"] == "fake"
    assert answer.headers["x-olympus-provider"] == "Fake"
    assert answer.headers["x-olympus-cache"] == "miss"
    assert answer.json()["id"] == f"chatcmpl-{answer.headers['x-request-id']}"


async def test_a_stream_says_the_same_and_ends_with_done(program: Program) -> None:
    answer = await program.chat("Hello", stream=True)

    events = answer.events()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert text_of(events) == expected_text("Hello", 50)
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert events[-1] == "[DONE]"
    assert len({event["id"] for event in events[:-1]}) == 1


async def test_a_stream_tells_its_usage_when_asked(program: Program) -> None:
    asked = await program.chat("Hello", stream=True, stream_options={"include_usage": True})
    unasked = await program.chat("Hello", stream=True)

    last = asked.events()[-2]
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 50
    assert asked.events()[0]["usage"] is None
    assert all("usage" not in event for event in unasked.events()[:-1])


@pytest.mark.parametrize("stream", [True, False])
async def test_several_choices_are_as_many_calls(program: Program, upstream: FakeOpenAI, stream: bool) -> None:
    answer = await program.chat("Hello", n=3, seed=7, stream=stream)

    said = expected_text("Hello", 50)
    if stream:
        assert [text_of(answer.events(), index) for index in range(3)] == [said] * 3
    else:
        assert [choice["index"] for choice in answer.json()["choices"]] == [0, 1, 2]
        assert answer.json()["usage"]["completion_tokens"] == 150
    assert sorted(request.body["seed"] for request in upstream.log.requests) == [7, 8, 9]


async def test_parameters_reach_the_model_server(program: Program, upstream: FakeOpenAI) -> None:
    given = {
        "temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 3, "frequency_penalty": 1, "presence_penalty": -1,
        "logit_bias": {"50256": -100}, "logprobs": True, "top_logprobs": 2, "user": "u-1", "reasoning_effort": "max", "parallel_tool_calls": False,
        "tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "weather"}},
    }  # fmt: skip

    await program.chat("Hello", **given, max_completion_tokens=9, some_unknown_parameter=[1])

    sent = sent_to(upstream)
    assert {name: sent[name] for name in given} == given
    assert sent["max_tokens"] == 9
    assert "some_unknown_parameter" not in sent


async def test_a_format_reaches_the_model_server(program: Program, upstream: FakeOpenAI) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "thing", "schema": schema, "strict": True}}

    await program.chat("One", response_format=wanted)
    as_schema = sent_to(upstream)["response_format"]
    await program.chat("Two", response_format={"type": "json_object"})
    as_object = sent_to(upstream)["response_format"]

    assert as_schema == wanted
    assert as_object == {"type": "json_object"}


@pytest.mark.parametrize("stream", [True, False])
async def test_tool_calls_come_with_their_arguments(program: Program, upstream: FakeOpenAI, stream: bool) -> None:
    upstream.scripts["fake"] = Script(tokens=0, tool_calls=(("weather", {"city": "Αθήνα"}), ("weather", {})))

    answer = await program.chat("Weather?", tools=[WEATHER], stream=stream)

    if stream:
        deltas = [e["choices"][0] for e in answer.events()[:-1]]
        calls = [call for choice in deltas for call in choice["delta"].get("tool_calls", [])]
        reason = deltas[-1]["finish_reason"]
        assert [call["index"] for call in calls] == [0, 1]
    else:
        calls = answer.json()["choices"][0]["message"]["tool_calls"]
        reason = answer.json()["choices"][0]["finish_reason"]
    assert [call["function"]["arguments"] for call in calls] == ['{"city":"Αθήνα"}', "{}"]
    assert reason == "tool_calls"


async def test_a_conversation_with_tools_goes_on(program: Program, upstream: FakeOpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Athens"}'}}
    messages = [
        {"role": "developer", "content": "Be short."},
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]

    answer = await program.chat(messages=messages, tools=[WEATHER])

    sent = sent_to(upstream)["messages"]
    assert answer.status == 200
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    assert sent[2]["tool_calls"] == [call]
    assert sent[3]["tool_call_id"] == "call_1"


async def test_an_image_goes_along_as_data(program: Program, upstream: FakeOpenAI) -> None:
    url = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]

    await program.chat(messages=[{"role": "user", "content": content}])

    assert sent_to(upstream)["messages"][0]["content"] == content


@pytest.mark.parametrize("stream", [True, False])
async def test_logprobs_are_passed_on(program: Program, upstream: FakeOpenAI, stream: bool) -> None:
    probable = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}
    chunks = (
        json.dumps({"choices": [{"index": 0, "delta": {"content": "Hi"}, "logprobs": {"content": [probable]}}]}),
        '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
        "[DONE]",
    )
    upstream.scripts["fake"] = Script(raw=tuple(b"data: " + chunk.encode() + b"\n\n" for chunk in chunks))

    answer = await program.chat("Hello", logprobs=True, stream=stream)

    choice = answer.events()[1]["choices"][0] if stream else answer.json()["choices"][0]
    assert choice["logprobs"]["content"] == [probable]


async def test_reasoning_is_told_apart(program: Program, upstream: FakeOpenAI) -> None:
    upstream.scripts["fake"] = Script(tokens=2, thinking=2)

    whole = (await program.chat("Hello")).json()["choices"][0]["message"]
    streamed = (await program.chat("Hello", stream=True)).events()

    thoughts = [event["choices"][0]["delta"].get("reasoning_content", "") for event in streamed[:-1]]
    assert whole["reasoning_content"] == "thought 0 thought 1 "
    assert "".join(thoughts) == "thought 0 thought 1 "
    assert text_of(streamed) == whole["content"] == expected_text("Hello", 2)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_program_that_goes_away_closes_its_upstream_within_a_second(
    program: Program, upstream: FakeOpenAI, stream: bool
) -> None:
    upstream.scripts["fake"] = Script(tokens=100_000, rate=20)
    body = {"model": "fake", "stream": stream, "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"authorization": f"Bearer {program.key}"}

    async with aiohttp.ClientSession() as session:
        asking = asyncio.ensure_future(session.post(f"{program.url}/v1/chat/completions", json=body, headers=headers))
        await until(lambda: upstream.log.sent_tokens > 2)
        asking.cancel()
        if stream:
            (await asyncio.gather(asking, return_exceptions=True))[0].close()

    await until(lambda: upstream.log.disconnects == ["fake"], timeout_s=1.0)


async def test_the_same_question_is_answered_from_the_cache_unless_told_not_to(
    program: Program, upstream: FakeOpenAI
) -> None:
    body = {"model": "fake", "messages": [{"role": "user", "content": f"Once {uuid4()}"}]}

    first = await program("POST", "/v1/chat/completions", body)
    again = await program("POST", "/v1/chat/completions", body)
    streamed = await program("POST", "/v1/chat/completions", {**body, "stream": True})
    bypassed = await program("POST", "/v1/chat/completions", body, x_olympus_cache="bypass")

    told = [answer.headers["x-olympus-cache"] for answer in (first, again, streamed, bypassed)]
    said = first.json()["choices"][0]["message"]["content"]
    assert told == ["miss", "exact", "exact", "miss"]
    assert again.json()["choices"][0]["message"]["content"] == said == text_of(streamed.events())
    assert len(upstream.log.requests) == 2


async def test_another_server_goes_on_in_the_middle_unless_told_not_to(
    member: Someone, owner: Someone, program: Program, upstream: FakeOpenAI
) -> None:
    upstream.scripts["fake"] = Script(tokens=50, fault="cut", fault_at=20)
    said = f"Go on {uuid4()}"
    body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": said}]}

    async with FakeOpenAI() as second:
        await sync_to_async(connect)(owner, second.base_url, name="Second")
        await sync_to_async(Provider.objects.filter(name="Fake").update)(priority=0)
        await sync_to_async(Provider.objects.filter(name="Second").update)(priority=1)
        await asyncio.sleep(1.1)  # what is known of the servers is at most a second old
        alone = await program(
            "POST", "/v1/chat/completions", body, x_olympus_continue="never", x_olympus_cache="bypass"
        )
        together = await program("POST", "/v1/chat/completions", body, x_olympus_cache="bypass")
        whole = await program("POST", "/v1/chat/completions", {**body, "stream": False}, x_olympus_cache="bypass")

    assert whole.headers["x-olympus-provider"] == "Second"
    assert "error" in alone.body.decode().split("data: ")[-1]
    assert text_of(together.events()) == expected_text(said, 50)
