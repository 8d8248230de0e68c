"""`/v1/messages`: Anthropic's shape, as its programs send and read it."""

import base64
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import LedgerEntry
from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import until
from tests.doubles.openai_media import PNG
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Answer, MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "name": "get_weather",
    "description": "Tells the weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


async def ask(program: Program, **members: Any) -> Answer:
    return await program("POST", "/v1/messages", {"model": "fake", "max_tokens": 100, "messages": HELLO, **members})


def events_of(answer: Answer) -> list[dict[str, Any]]:
    """The events of a stream; each names its type twice, as Anthropic's do."""
    blocks = [block.split("\n") for block in answer.body.decode().strip().split("\n\n")]
    events = [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]
    assert all(name == event["type"] for name, event in events)
    return [event for _, event in events]


def sent(upstream: FakeOpenAI) -> dict[str, Any]:
    """What the model server was asked last."""
    body: dict[str, Any] = upstream.log.requests[-1].body
    return body


async def test_a_message_is_answered_whole(program: Program) -> None:
    answer = await ask(program)

    message = answer.json()
    assert answer.status == 200
    assert message["content"] == [{"type": "text", "text": expected_text("Hello", 50)}]
    assert (message["type"], message["role"], message["model"]) == ("message", "assistant", "fake")
    assert (message["stop_reason"], message["stop_sequence"]) == ("end_turn", None)
    assert message["usage"] == {
        "input_tokens": 23, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 3, "output_tokens": 50,
    }  # fmt: skip
    assert message["id"].startswith("msg_")
    assert answer.headers["x-olympus-provider"] == "Fake"


async def test_a_message_is_streamed_in_events(program: Program) -> None:
    answer = await ask(program, stream=True)

    events = events_of(answer)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event["type"] for event in events[:3]] == ["message_start", "ping", "content_block_start"]
    assert [event["type"] for event in events[-3:]] == ["content_block_stop", "message_delta", "message_stop"]
    assert events[0]["message"]["content"] == []
    assert events[0]["message"]["usage"]["input_tokens"] > 0
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta["text"] for delta in deltas) == expected_text("Hello", 50)
    assert events[-2]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert events[-2]["usage"]["output_tokens"] == 50


async def test_thinking_comes_in_a_block_of_its_own(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=2, thinking=2)

    whole = (await ask(program)).json()
    events = events_of(await ask(program, stream=True))

    assert [block["type"] for block in whole["content"]] == ["thinking", "text"]
    assert whole["content"][0] == {"type": "thinking", "thinking": "thought 0 thought 1 ", "signature": ""}
    started = [event["content_block"]["type"] for event in events if event["type"] == "content_block_start"]
    assert started == ["thinking", "text"]
    assert [event["index"] for event in events if event["type"] == "content_block_stop"] == [0, 1]


async def test_tools_are_offered_called_and_answered(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=2, tool_calls=(("get_weather", {"city": "Ἀθῆναι"}), ("get_weather", {})))

    whole = (await ask(program, tools=[WEATHER], tool_choice={"type": "any"})).json()
    events = events_of(await ask(program, tools=[WEATHER], stream=True))

    text, first, second = whole["content"]
    assert (text["type"], whole["stop_reason"]) == ("text", "tool_use")
    assert (first["type"], first["name"], first["input"]) == ("tool_use", "get_weather", {"city": "Ἀθῆναι"})
    assert second["input"] == {}
    begun = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert [block["type"] for block in begun] == ["text", "tool_use", "tool_use"]
    pieces = [event["delta"]["partial_json"] for event in events if event.get("delta", {}).get("partial_json")]
    assert [json.loads(piece) for piece in pieces] == [{"city": "Ἀθῆναι"}, {}]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


PICTURE = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}
TURNS: list[dict[str, Any]] = [
    {"role": "user", "content": [{"type": "image", "source": PICTURE}, {"type": "text", "text": "Look"}]},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "I ask"},
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Athens"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": "toolu_1",
                "is_error": True,
                "content": [{"type": "text", "text": "no line"}, {"type": "image", "source": PICTURE}],
            },
            {"type": "text", "text": "So?", "cache_control": {"type": "ephemeral"}},
        ],
    },
]


async def test_blocks_of_every_kind_reach_the_server_as_messages(program: Program, upstream: FakeOpenAI) -> None:
    system = [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}]

    answer = await ask(program, messages=TURNS, system=system, tools=[WEATHER])

    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE['data']}"}}
    call = {"name": "get_weather", "arguments": '{"city":"Athens"}'}
    assert answer.status == 200, answer.body
    assert sent(upstream)["messages"] == [
        {"role": "system", "content": "Be brief.\nBe kind."},
        {"role": "user", "content": [{"type": "text", "text": "Look"}, image]},
        {
            "role": "assistant",
            "content": "I ask",
            "tool_calls": [{"id": "toolu_1", "type": "function", "function": call}],
        },
        {"role": "tool", "content": "Error: no line", "tool_call_id": "toolu_1"},
        {"role": "user", "content": [{"type": "text", "text": "So?"}, image]},
    ]


async def test_every_parameter_reaches_the_server(program: Program, upstream: FakeOpenAI) -> None:
    await ask(
        program,
        tools=[WEATHER],
        tool_choice={"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True},
        stop_sequences=["END"],
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}},
        metadata={"user_id": "u"},
    )

    body = sent(upstream)
    assert body["tools"][0]["function"]["name"] == "get_weather"
    assert body["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
    assert (body["parallel_tool_calls"], body["stop"], body["max_tokens"]) == (False, ["END"], 100)
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.5, 0.9, 40)
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}


async def test_turns_of_one_side_are_joined_and_texts_of_documents_are_read(
    program: Program, upstream: FakeOpenAI
) -> None:
    document = {
        "type": "document",
        "title": "Myths",
        "source": {"type": "text", "media_type": "text/plain", "data": "Zeus"},
    }
    found = {
        "type": "search_result",
        "title": "Hera",
        "source": "a.org",
        "content": [{"type": "text", "text": "queen"}],
    }
    messages = [
        {"role": "user", "content": [document, found]},
        {"role": "user", "content": "Who?"},
        {"role": "system", "content": "Now in Greek."},
    ]

    await ask(program, messages=messages)

    assert sent(upstream)["messages"] == [
        {"role": "user", "content": "Myths\nZeus\nHera (a.org)\nqueen\nWho?"},
        {"role": "system", "content": "Now in Greek."},
    ]


async def test_an_answer_that_is_cut_off_says_so(program: Program) -> None:
    message = (await ask(program, max_tokens=7)).json()

    assert (message["stop_reason"], message["usage"]["output_tokens"]) == ("max_tokens", 7)


async def test_tokens_are_counted_without_asking_a_model(program: Program, upstream: FakeOpenAI) -> None:
    body = {"model": "fake", "messages": HELLO, "system": "Be brief.", "tools": [WEATHER]}

    short = await program("POST", "/v1/messages/count_tokens", {**body, "tools": []})
    long = await program("POST", "/v1/messages/count_tokens", body)

    assert 5 < short.json()["input_tokens"] < long.json()["input_tokens"]
    assert not upstream.log.requests


async def test_the_key_comes_as_anthropics_or_as_a_bearer(program: Program) -> None:
    nobody = Program(program.session, program.url, "")

    own = await nobody(
        "POST", "/v1/messages", {"model": "fake", "max_tokens": 5, "messages": HELLO}, x_api_key=program.key
    )
    none = await ask(nobody)
    wrong = await nobody("POST", "/v1/messages", {}, x_api_key="oly_nonsense")

    assert own.status == 200
    assert [(each.status, each.json()["type"], each.json()["error"]["type"]) for each in (none, wrong)] == [
        (401, "error", "authentication_error")
    ] * 2


async def test_another_organizations_models_are_not_there(
    stranger: Someone, provider: Provider, program_of: MakeProgram
) -> None:
    program = await program_of(stranger, Scope.WRITE)

    answer = await ask(program)

    assert (answer.status, answer.json()["error"]["type"]) == (404, "not_found_error")


async def test_a_key_for_other_models_or_for_reading_is_refused(
    member: Someone, provider: Provider, program_of: MakeProgram
) -> None:
    other = await ask(await program_of(member, Scope.WRITE, allowed_models=("gpt-4o-mini",)))
    reader = await ask(await program_of(member, Scope.READ))

    assert (other.status, other.json()["error"]["type"]) == (404, "not_found_error")
    assert (reader.status, reader.json()["error"]["type"]) == (403, "permission_error")


DEEP: Any = {"type": "object"}
for _ in range(150):
    DEEP = {"properties": {"a": DEEP}}


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "pope", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "server_tool_use"}]}]}, "content"),
        ({"temperature": -0.1}, "temperature"),
        ({"top_k": -1}, "top_k"),
        ({"tools": [WEATHER] * 129}, "tools"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0]"),
        ({"tools": [{**WEATHER, "name": "drop table"}]}, "tools"),
        ({"tools": [{**WEATHER, "input_schema": DEEP}]}, "tools[0].input_schema"),
        ({"tool_choice": {"type": "any"}}, "tool_choice"),
        ({"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "other"}}, "tool_choice.name"),
        ({"stop_sequences": ["x"] * 1000}, "stop_sequences"),
        ({"thinking": {"type": "deep"}}, "thinking"),
        ({"mcp_servers": [{"url": "http://x"}]}, "mcp_servers"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "http://x"}}]}]},
            "messages[0].content[0].source",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "?"}}
                        ],
                    }
                ]
            },
            "messages[0].content[0].source.data",
        ),
    ],
)  # fmt: skip
async def test_bad_input_is_told_where_it_is(
    program: Program, upstream: FakeOpenAI, members: dict[str, Any], field: str
) -> None:
    answer = await ask(program, **members)

    error = answer.json()["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert field in error["message"]
    assert not upstream.log.requests


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"model":"\\ud800"}', b"[" * 100_000])
async def test_a_body_that_is_no_request_is_refused(program: Program, body: bytes) -> None:
    answer = await program("POST", "/v1/messages", body)

    assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("429:7", 429, "rate_limit_error"), ("401", 502, "api_error"), ("500", 502, "api_error"),
        ("context", 400, "invalid_request_error"), ("close_at_once", 502, "api_error"),
    ],
)  # fmt: skip
async def test_a_servers_refusal_has_anthropics_words(
    program: Program, upstream: FakeOpenAI, fault: str, status: int, kind: str
) -> None:
    upstream.default = Script(fault=fault)

    answer = await ask(program, stream=True)

    assert (answer.status, answer.json()["error"]["type"]) == (status, kind)
    if status == 429:
        assert answer.headers["retry-after"] == "7"


async def test_a_stream_that_breaks_ends_with_an_error_event(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=20, fault="cut", fault_at=5)

    events = events_of(await ask(program, stream=True))

    assert events[0]["type"] == "message_start"
    assert (events[-1]["type"], events[-1]["error"]["type"]) == ("error", "api_error")


async def test_a_program_that_goes_away_ends_the_servers_work(program: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=100_000, rate=100)
    body = json.dumps({"model": "fake", "max_tokens": 99_999, "messages": HELLO, "stream": True})
    headers = {"authorization": f"Bearer {program.key}"}

    async with program.session.post(f"{program.url}/v1/messages", data=body, headers=headers) as answer:
        await answer.content.readany()
        answer.close()

    await until(lambda: upstream.log.disconnects == ["fake"], timeout_s=1.0)


async def test_a_message_is_charged_to_its_key(program: Program, member: Someone) -> None:
    await ask(program)

    entry = await sync_to_async(LedgerEntry.objects.get)()

    assert (entry.owner_id, entry.kind, entry.door, entry.model) == (member.user.pk, "chat", "gateway", "fake")
    assert (entry.input_tokens, entry.output_tokens, entry.api_key_id is not None) == (26, 50, True)
