"""What programs should not send: each is told in OpenAI's shape, and no model server is asked."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from olympus.kernel.options import change_option
from tests.doubles.fake_openai import FakeOpenAI
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

USER = [{"role": "user", "content": "Hello"}]
PATHS = ["/v1/chat/completions", "/v1/responses", "/v1/embeddings"]


def tool(name: str = "f", **function: Any) -> dict[str, Any]:
    """A tool with a name."""
    return {"type": "function", "function": {"name": name, **function}}


def nested(depth: int) -> Any:
    """A schema nested so deep."""
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value


PARTS: list[tuple[dict[str, Any], str]] = [
    ({"model": 3}, "model"),
    ({"model": None}, "model"),
    ({"messages": []}, "messages"),
    ({"messages": "Hello"}, "messages"),
    ({"messages": [{"role": "wizard", "content": "a"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "tool", "content": "a"}]}, "messages[0].tool_call_id"),
    ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0]"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": -1}, "temperature"),
    ({"temperature": 3}, "temperature"),
    ({"top_p": 1.5}, "top_p"),
    ({"n": 0}, "n"),
    ({"n": 9}, "n"),
    ({"n": 10**30}, "n"),
    ({"max_tokens": -1}, "max_tokens"),
    ({"max_completion_tokens": 0}, "max_completion_tokens"),
    ({"seed": 2**70}, "seed"),
    ({"stop": ["x"] * 17}, "stop"),
    ({"stop": [1]}, "stop[0]"),
    ({"frequency_penalty": -3}, "frequency_penalty"),
    ({"logit_bias": {"1": 101}}, "logit_bias[...]"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"tools": [tool()] * 1000}, "tools"),
    ({"tools": [tool("no spaces please")]}, "tools[0].function.name"),
    ({"tools": [{"type": "web_search", "function": {"name": "f"}}]}, "tools[0].type"),
    ({"tools": [tool(parameters=nested(500))]}, "tools[0].function.parameters"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tools": [tool()], "tool_choice": {"type": "function", "function": {"name": "g"}}}, "tool_choice"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"functions": [{"name": "f"}]}, "functions"),
    ({"modalities": ["text", "audio"]}, "modalities"),
    ({"user": "x" * 600}, "user"),
]


async def test_a_part_that_does_not_fit_is_named(program: Program, upstream: FakeOpenAI) -> None:
    told = []
    for members, _ in PARTS:
        answer = await program("POST", "/v1/chat/completions", {"model": "fake", "messages": USER, **members})
        told.append((answer.status, answer.json()["error"]["type"], answer.json()["error"]["param"]))

    assert told == [(400, "invalid_request_error", param) for _, param in PARTS]
    assert not upstream.log.requests


URLS = [
    "https://example.org/cat.png",
    "http://169.254.169.254/",
    "file:///etc/passwd",
    "data:text/html;base64,YQ==",
    "data:image/png;base64,???",
    "data:image/png;base64,",
]


async def test_no_image_is_fetched_or_guessed(program: Program, upstream: FakeOpenAI) -> None:
    told = []
    for url in URLS:
        content = [{"type": "image_url", "image_url": {"url": url}}]
        answer = await program.chat(messages=[{"role": "user", "content": content}])
        told.append((answer.status, answer.json()["error"]["param"]))

    assert told == [(400, "messages[0].content[0].image_url.url")] * len(URLS)
    assert not upstream.log.requests


BODIES = [
    b"",
    b"no json",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"model": "\\ud800"}',
    b'{"model": "fake", "messages": [',
    b"[" * 200_000,
    b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"model": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_is_no_request_is_refused(program: Program, upstream: FakeOpenAI, path: str) -> None:
    answers = [await program("POST", path, raw) for raw in BODIES]

    assert [answer.status for answer in answers] == [400] * len(BODIES)
    assert {answer.json()["error"]["code"] for answer in answers} == {"invalid_json", "invalid_value"}
    assert not upstream.log.requests


NAMES = ["", "x" * 100_000, "a\0b", "../../etc/passwd", "fake\n", "𝔣𝔞𝔨𝔢", "' OR 1=1 --"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_model_of_a_strange_name_is_not_found(program: Program, path: str) -> None:
    answers = [await program("POST", path, {"model": name, "messages": USER, "input": "Hello"}) for name in NAMES]

    assert [answer.status for answer in answers] == [404] * len(NAMES)
    assert {answer.json()["error"]["code"] for answer in answers} == {"model_not_found"}
    assert max(len(answer.body) for answer in answers) < 1000


async def test_a_body_over_the_limit_is_refused(program: Program, upstream: FakeOpenAI) -> None:
    body = json.dumps({"model": "fake", "messages": [{"role": "user", "content": "x" * 11 * 1024 * 1024}]}).encode()

    answer = await program("POST", "/v1/chat/completions", body)
    after = await program.chat("Hello")

    assert answer.status == 413
    assert answer.json()["error"]["code"] == "request_too_large"
    assert after.status == 200
    assert len(upstream.log.requests) == 1


async def test_an_owner_sets_the_limit(program: Program) -> None:
    await sync_to_async(change_option)("gateway.body_megabytes", 1, changed_by_id=None)

    answer = await program.chat("x" * 2 * 1024 * 1024)

    assert answer.status == 413


async def test_what_is_wrong_is_not_sent_back_at_length(program: Program) -> None:
    answer = await program.chat(messages=[{"role": "x" * 1_000_000, "content": "Hello"}])

    assert (answer.status, answer.json()["error"]["param"]) == (400, "messages[0].role")
    assert len(answer.body) < 1000


async def test_odd_text_reaches_the_model_server_storable(program: Program, upstream: FakeOpenAI) -> None:
    answer = await program.chat("a\0b 👩‍👩‍👧 \u202e \u0000")

    assert answer.status == 200
    assert upstream.log.requests[-1].body["messages"][0]["content"] == "a\ufffdb 👩‍👩‍👧 \u202e \ufffd"
