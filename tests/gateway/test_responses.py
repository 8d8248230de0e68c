"""POST /v1/responses."""

import json
from typing import Any

import pytest

from tests.doubles.fake_openai import FakeOpenAI, Script, expected_text
from tests.gateway.conftest import Answer, Program

pytestmark = pytest.mark.django_db(transaction=True)

WEATHER = {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": True}


async def respond(program: Program, **members: Any) -> Answer:
    """Ask for a response."""
    return await program("POST", "/v1/responses", {"model": "fake", "input": "Hello", **members})


async def test_a_whole_response_holds_the_answer(program: Program) -> None:
    answer = await respond(program, instructions="Be short.", metadata={"a": "b"})

    body = answer.json()
    assert answer.status == 200
    assert body["object"] == "response"
    assert body["status"] == "completed"
    assert body["output"][0]["content"][0]["text"] == expected_text("Hello", 50)
    assert body["usage"]["output_tokens"] == 50
    assert body["store"] is False
    assert body["metadata"] == {"a": "b"}


async def test_a_stream_has_typed_events_in_order(program: Program) -> None:
    answer = await respond(program, stream=True)

    events = answer.events()
    kinds = list(dict.fromkeys(event["type"] for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    deltas = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    final = events[-1]["response"]
    assert deltas == expected_text("Hello", 50) == final["output"][0]["content"][0]["text"]


@pytest.mark.parametrize("stream", [True, False])
async def test_reasoning_and_calls_are_items_of_their_own(program: Program, upstream: FakeOpenAI, stream: bool) -> None:
    upstream.scripts["fake"] = Script(tokens=2, thinking=2, tool_calls=(("weather", {"city": "Athens"}),))

    answer = await respond(program, tools=[WEATHER], stream=stream)

    response = answer.events()[-1]["response"] if stream else answer.json()
    assert [item["type"] for item in response["output"]] == ["reasoning", "message", "function_call"]
    assert response["output"][0]["content"][0]["text"] == "thought 0 thought 1 "
    assert json.loads(response["output"][2]["arguments"]) == {"city": "Athens"}
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] == 2


async def test_items_become_messages(program: Program, upstream: FakeOpenAI) -> None:
    items = [
        {"role": "developer", "content": "Be short."},
        {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
    ]

    answer = await respond(program, input=items, tools=[WEATHER], tool_choice={"type": "function", "name": "weather"})

    sent = upstream.log.requests[-1].body
    assert answer.status == 200
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "tool"]
    assert sent["messages"][2]["tool_calls"][0]["id"] == "call_1"
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "weather"}}


async def test_a_format_and_a_limit_reach_the_model_server(program: Program, upstream: FakeOpenAI) -> None:
    schema = {"type": "object", "properties": {}}
    wanted = {"type": "json_schema", "name": "thing", "schema": schema, "strict": True}

    answer = await respond(program, text={"format": wanted}, max_output_tokens=5)

    sent = upstream.log.requests[-1].body
    assert sent["response_format"]["json_schema"] == {"name": "thing", "schema": schema, "strict": True}
    assert answer.json()["status"] == "incomplete"
    assert answer.json()["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}, "input[0].content[0]"),
    ],
)
async def test_what_the_gateway_does_not_do_is_said(program: Program, members: dict[str, Any], param: str) -> None:
    answer = await respond(program, **members)

    error = answer.json()["error"]
    assert answer.status == 400
    assert (error["code"], error["param"]) == ("unsupported_value", param)


async def test_an_error_in_the_middle_is_a_failed_response(program: Program, upstream: FakeOpenAI) -> None:
    upstream.scripts["fake"] = Script(tokens=50, fault="error", fault_at=10)

    events = (await respond(program, stream=True)).events()

    assert [event["type"] for event in events[-2:]] == ["response.failed", "error"]
    assert events[-2]["response"]["error"]["message"]
    assert events[-1]["error"]["code"] == events[-2]["response"]["error"]["code"]
