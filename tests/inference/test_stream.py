"""Streaming an answer, on both wires."""

import asyncio
from typing import Any

import pytest

from apps.inference.contracts import (
    ChatMessage,
    ChatRequest,
    ChatRole,
    Finished,
    FinishReason,
    Image,
    Sampling,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    ToolSpec,
)
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.inference.conftest import PROMPT, asking, client_of, play, text_of

Either = tuple[Any, Any]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


async def test_an_answer_arrives_whole_with_its_count_and_reason(either: Either) -> None:
    _, client = either

    events, error = await play(client, asking("fake?tokens=700"))

    assert error is None
    assert text_of(events) == expected_text(PROMPT, 700)
    assert sum(event.token_count for event in events if isinstance(event, TextDelta)) == 700
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.STOP
    assert events[-1].usage is not None
    assert (events[-1].usage.prompt_tokens, events[-1].usage.completion_tokens) == (26, 700)


async def test_tokens_of_one_read_are_one_event(either: Either) -> None:
    _, client = either

    events, _ = await play(client, asking("fake?tokens=700"))

    assert len(events) < 100


async def test_a_paced_answer_arrives_token_by_token(either: Either) -> None:
    _, client = either

    events, _ = await play(client, asking("fake?tokens=12&rate=25"))

    # A busy machine joins some; one that waits for the end has one or two.
    assert len(events) >= 4


async def test_many_streams_at_once_do_not_mix(either: Either) -> None:
    _, client = either
    prompts = [f"question {n}" for n in range(40)]

    answers = await asyncio.gather(*(play(client, asking("fake?tokens=60&rate=400", prompt)) for prompt in prompts))

    assert [text_of(events) for events, _ in answers] == [expected_text(prompt, 60) for prompt in prompts]


async def test_thinking_is_told_apart_from_the_answer(either: Either) -> None:
    _, client = either

    events, _ = await play(client, asking("fake?thinking=3&tokens=2"))

    assert "".join(e.text for e in events if isinstance(e, ThinkingDelta)) == "thought 0 thought 1 thought 2 "
    assert text_of(events) == expected_text(PROMPT, 2)
    assert isinstance(events[0], ThinkingDelta)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_both_names_of_the_reasoning_field_are_understood(openai: FakeOpenAI, name: str) -> None:
    openai.reasoning_field = name

    events, _ = await play(client_of(openai), asking("fake?thinking=2&tokens=1"))

    assert [e.text for e in events if isinstance(e, ThinkingDelta)] == ["thought 0 thought 1 "]


async def test_tool_calls_come_whole_and_end_the_answer_as_such(either: Either) -> None:
    server, client = either
    calls = (("weather", {"city": "Αθήνα", "days": 2}), ("now", {}))
    server.scripts["tools"] = Script(tokens=3, tool_calls=calls)

    events, _ = await play(client, asking("tools"))

    asked = [event.call for event in events if isinstance(event, ToolCallRequested)]
    assert [(call.name, call.arguments) for call in asked] == [("weather", {"city": "Αθήνα", "days": 2}), ("now", {})]
    assert len({call.id for call in asked}) == 2
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.TOOL_CALLS


async def test_a_limit_on_tokens_is_passed_on_and_told(either: Either) -> None:
    _, client = either
    request = ChatRequest("fake", (ChatMessage(ChatRole.USER, PROMPT),), sampling=Sampling(max_tokens=5))

    events, _ = await play(client, request)

    assert text_of(events) == expected_text(PROMPT, 5)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.LENGTH


async def test_ollama_is_asked_in_its_own_words(ollama: FakeOllama) -> None:
    request = full_request()

    await play(client_of(ollama), request)

    body = ollama.log.requests[-1].body
    assert body["options"] == {
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "seed": 7, "num_predict": 9, "stop": ["END"], "num_ctx": 2048,
    }  # fmt: skip
    assert (body["think"], body["keep_alive"], body["format"], body["stream"]) == (True, "5m", SCHEMA, True)
    assert body["tools"][0]["function"] == {"name": "weather", "description": "Tells it.", "parameters": SCHEMA}
    assert body["messages"][1] == {"role": "user", "content": "see", "images": ["aGVsbG8="]}
    assert body["messages"][2]["tool_calls"] == [
        {"id": "call_1", "function": {"name": "weather", "arguments": {"city": "Rhodes"}}}
    ]
    assert body["messages"][3] == {"role": "tool", "content": "sunny", "tool_call_id": "call_1", "tool_name": "weather"}


async def test_an_openai_compatible_server_is_asked_in_its_own_words(openai: FakeOpenAI) -> None:
    request = full_request()

    await play(client_of(openai), request)

    body = openai.log.requests[-1].body
    assert {name: body[name] for name in ("temperature", "top_p", "top_k", "seed", "max_tokens", "stop")} == {
        "temperature": 0.5, "top_p": 0.9, "top_k": 40, "seed": 7, "max_tokens": 9, "stop": ["END"],
    }  # fmt: skip
    assert body["stream_options"] == {"include_usage": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    assert body["reasoning_effort"] == "medium"
    assert body["messages"][1]["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}},
    ]
    assert body["messages"][2]["tool_calls"][0]["function"] == {"name": "weather", "arguments": '{"city":"Rhodes"}'}
    assert body["messages"][3] == {"role": "tool", "content": "sunny", "tool_call_id": "call_1"}


async def test_what_a_request_leaves_open_is_left_to_the_server(either: Either) -> None:
    server, client = either

    await play(client, asking("fake?tokens=1"))

    sent = set(server.log.requests[-1].body)
    assert sent <= {"model", "messages", "stream", "options", "stream_options"}
    assert server.log.requests[-1].body.get("options", {}) == {}


@pytest.mark.parametrize("name", ["stream_options", "max_tokens", "reasoning_effort", "min_p"])
async def test_a_parameter_the_server_does_not_know_is_left_out_or_renamed(openai: FakeOpenAI, name: str) -> None:
    openai.refused = {name}
    prompt, sampling = (ChatMessage(ChatRole.USER, PROMPT),), Sampling(max_tokens=4)
    request = ChatRequest("fake", prompt, sampling=sampling, think=False, extra={"min_p": 0.05})

    events, error = await play(client_of(openai), request)

    assert error is None
    assert text_of(events) == expected_text(PROMPT, 4)
    assert name not in openai.log.requests[-1].body


async def test_an_answer_that_was_begun_is_continued_by_ollama(ollama: FakeOllama) -> None:
    whole = expected_text(PROMPT, 40)
    begun = ChatMessage(ChatRole.ASSISTANT, whole[:50])

    events, _ = await play(
        client_of(ollama), ChatRequest("fake?tokens=40", (ChatMessage(ChatRole.USER, PROMPT), begun))
    )

    assert whole[:50] + text_of(events) == whole


async def test_connections_are_used_again(either: Either) -> None:
    server, client = either

    for _ in range(5):
        await play(client, asking("fake?tokens=5"))

    assert server.log.connection_count == 1


async def test_requests_carry_the_key_and_the_instance(openai: FakeOpenAI) -> None:
    openai.key = "sk-secret"

    events, error = await play(client_of(openai, key="sk-secret"), asking("fake?tokens=2"))

    assert error is None
    assert text_of(events) == expected_text(PROMPT, 2)
    assert len(openai.log.requests[-1].headers["x-olympus-instance"]) == 24


def full_request() -> ChatRequest:
    """Make a request that uses everything a request can hold."""
    call = ToolCall("call_1", "weather", {"city": "Rhodes"})
    return ChatRequest(
        "fake",
        (
            ChatMessage(ChatRole.SYSTEM, "be brief"),
            ChatMessage(ChatRole.USER, "see", images=(Image("image/png", b"hello"),)),
            ChatMessage(ChatRole.ASSISTANT, "", tool_calls=(call,)),
            ChatMessage(ChatRole.TOOL, "sunny", tool_call_id="call_1"),
        ),
        tools=(ToolSpec("weather", "Tells it.", SCHEMA),),
        response_schema=SCHEMA,
        sampling=Sampling(temperature=0.5, top_p=0.9, top_k=40, seed=7, max_tokens=9, stop=("END",)),
        think=True,
        context_length=2048,
        keep_alive="5m",
    )
