"""What programs are told when something goes wrong, in OpenAI's shape."""

import json

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.contracts import RateClassName
from apps.accounts.rates.classes import Limit
from apps.accounts.rates.counting import publish_limits
from apps.inference.models import Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_openai import FakeOpenAI, Script, expected_text
from tests.gateway.conftest import Answer, MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


def error_of(answer: Answer) -> tuple[int, str, str]:
    """Status, type and code; the shape is checked on the way."""
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return answer.status, error["type"], error["code"]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("401", (502, "server_error", "provider_unauthorized")),
        ("404", (404, "invalid_request_error", "model_not_found")),
        ("500", (502, "server_error", "provider_failed")),
        ("context", (400, "invalid_request_error", "context_length_exceeded")),
        ("429:7", (429, "rate_limit_error", "rate_limit_exceeded")),
        ("html", (502, "server_error", "malformed_stream")),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_model_server_that_fails_before_the_answer_is_a_status(
    program: Program, upstream: FakeOpenAI, fault: str, expected: tuple[int, str, str], stream: bool
) -> None:
    upstream.scripts["fake"] = Script(fault=fault)

    answer = await program.chat("Hello", stream=stream)

    assert error_of(answer) == expected
    assert answer.headers["content-type"] == "application/json"


async def test_a_model_server_that_is_away_is_503(program: Program, provider: Provider) -> None:
    provider.base_url = "http://127.0.0.1:9/v1"
    await sync_to_async(provider.save)()

    answer = await program.chat("Hello")

    assert error_of(answer) == (503, "server_error", "provider_unreachable")


@pytest.mark.parametrize("fault", ["error", "cut", "malformed"])
async def test_a_failure_in_the_middle_ends_the_stream_with_an_error(
    program: Program, upstream: FakeOpenAI, fault: str
) -> None:
    upstream.scripts["fake"] = Script(tokens=50, fault=fault, fault_at=10)

    answer = await program.chat("Hello", stream=True, model="fake")

    lines = [line[6:] for line in answer.body.decode().split("\n") if line.startswith("data: ")]
    events = [json.loads(line) for line in lines]
    text = "".join(e["choices"][0]["delta"].get("content", "") for e in events[:-1])
    assert answer.status == 200
    assert text == expected_text("Hello", 10)
    assert set(events[-1]["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/chat/completions/more"])
async def test_an_unknown_address_is_404(program: Program, path: str) -> None:
    answer = await program("POST", path, {})

    assert error_of(answer) == (404, "invalid_request_error", "unknown_url")


async def test_another_method_is_405(program: Program) -> None:
    answer = await program("GET", "/v1/chat/completions")

    assert error_of(answer) == (405, "invalid_request_error", "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_a_model_nobody_has_is_404(program: Program) -> None:
    answer = await program.chat("Hello", model="gpt-nothing")

    assert error_of(answer) == (404, "invalid_request_error", "model_not_found")
    assert answer.json()["error"]["param"] == "model"
    assert "gpt-nothing" in answer.json()["error"]["message"]


async def test_what_a_model_cannot_do_is_the_requests_fault(program: Program, provider: Provider) -> None:
    provider.catalog[0]["capabilities"] = ["chat"]
    await sync_to_async(provider.save)()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}

    unseen = await program.chat(messages=[{"role": "user", "content": [picture]}])
    unsaid = await program.chat(model="text-embedding-3-small")

    assert [error_of(answer) for answer in (unseen, unsaid)] == [(400, "invalid_request_error", "invalid_value")] * 2
    assert [answer.json()["error"]["param"] for answer in (unseen, unsaid)] == [None, "model"]


async def test_who_asks_too_often_is_told_to_wait(member: Someone, provider: Provider, program_of: MakeProgram) -> None:
    publish_limits({RateClassName.MEMBER: Limit(2)})
    program = await program_of(member, Scope.WRITE)

    answers = [await program("GET", "/v1/models") for _ in range(3)]

    refused = answers[-1]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert error_of(refused) == (429, "rate_limit_error", "rate_limit_exceeded")
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"
    assert answers[0].headers["x-ratelimit-limit-requests"] == "2"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"model": "fake", "messages": [{"role": "user", "content": "Hello"}], "n": 3}),
        ("/v1/chat/completions", {"model": "fake", "messages": [{"role": "user", "content": "Hello"}], "stream": True}),
        ("/v1/chat/completions", {"model": "gpt-nothing", "messages": [{"role": "user", "content": "Hello"}]}),
        ("/v1/chat/completions", {"model": 7}),
        ("/v1/responses", {"model": "fake", "input": "Hello"}),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "Hello"}),
        ("/v1/images/generations", {"model": "gpt-image-1", "prompt": "A cat"}),
        ("/v1/audio/speech", {"model": "tts-1", "input": "Hello", "voice": "alloy"}),
        ("/v1/messages", {"model": "fake", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}),
        ("/api/chat", {"model": "fake", "messages": [{"role": "user", "content": "Hello"}]}),
        ("/api/generate", {"model": "fake", "prompt": "Hello"}),
        ("/api/embed", {"model": "text-embedding-3-small", "input": "Hello"}),
    ],
)
async def test_who_asks_too_often_reaches_no_server_whatever_they_ask(
    member: Someone, provider: Provider, upstream: FakeOpenAI, program_of: MakeProgram, path: str, body: object
) -> None:
    publish_limits({RateClassName.MEMBER: Limit(1)})
    program = await program_of(member, Scope.WRITE)
    await program("GET", "/v1/models")
    asked = list(upstream.log.requests)

    answer = await program("POST", path, body)

    assert answer.status == 429
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    assert list(upstream.log.requests) == asked


async def test_a_key_that_had_plenty_a_moment_ago_is_refused_all_the_same_once_it_has_not(
    member: Someone, provider: Provider, program_of: MakeProgram
) -> None:
    publish_limits({RateClassName.MEMBER: Limit(1000)})
    program = await program_of(member, Scope.WRITE)
    before = await program.chat("Hello")

    publish_limits({RateClassName.MEMBER: Limit(1)})
    streamed, whole = await program.chat("Hello", stream=True), await program.chat("Hello again")

    assert before.status == 200
    assert [error_of(answer)[0] for answer in (streamed, whole)] == [429, 429]
