"""What goes wrong on the wire ends in a typed error, with all that came before it kept."""

import asyncio
from typing import Any

import pytest

from apps.inference import errors
from apps.inference.contracts import TextDelta
from apps.inference.engine import wire
from apps.inference.engine.ollama import OllamaClient
from apps.inference.engine.wire import Server, Timeouts
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import until
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.inference.conftest import PROMPT, asking, client_of, play, text_of

Either = tuple[Any, Any]
IN_THE_STREAM = {
    "cut": errors.StreamCut,
    "half_line": errors.StreamCut,
    "eof": errors.StreamCut,
    "reset": errors.StreamCut,
    "malformed": errors.MalformedStream,
    "error": errors.ProviderFailed,
    "long_line": errors.MalformedStream,
    "silence": errors.ProviderTimeout,
    "drip": errors.ProviderTimeout,
}
INSTEAD_OF_AN_ANSWER = {
    "401": errors.ProviderUnauthorized,
    "403": errors.ProviderUnauthorized,
    "404": errors.ModelNotFound,
    "429": errors.ProviderRateLimited,
    "500": errors.ProviderFailed,
    "503": errors.ProviderFailed,
    "context": errors.ContextExceeded,
    "html": errors.MalformedStream,
    "html_500": errors.ProviderFailed,
    "redirect": errors.ProviderRefused,
    "close_at_once": errors.StreamCut,
    "not_http": errors.MalformedStream,
    "endless_headers": errors.MalformedStream,
    "no_answer": errors.ProviderTimeout,
}


@pytest.mark.parametrize("at", [0, 9])
@pytest.mark.parametrize("fault", IN_THE_STREAM)
async def test_a_fault_in_the_stream_keeps_what_came_before(either: Either, fault: str, at: int) -> None:
    _, client = either

    events, error = await play(client, asking(f"fake?tokens=50&fault={fault}&fault_at={at}"))

    assert type(error) is IN_THE_STREAM[fault]
    assert text_of(events) == expected_text(PROMPT, at)


@pytest.mark.parametrize("fault", INSTEAD_OF_AN_ANSWER)
async def test_a_fault_instead_of_an_answer_has_its_own_error(either: Either, fault: str) -> None:
    _, client = either

    events, error = await play(client, asking(f"fake?fault={fault}"))

    assert type(error) is INSTEAD_OF_AN_ANSWER[fault]
    assert events == []


async def test_an_http_error_keeps_its_status_and_a_limit_its_time(either: Either) -> None:
    _, client = either

    _, broken = await play(client, asking("fake?fault=503"))
    _, limited = await play(client, asking("fake?fault=429:7"))

    assert isinstance(broken, errors.ProviderFailed)
    assert broken.status == 503
    assert isinstance(limited, errors.ProviderRateLimited)
    assert limited.retry_after_s == 7


async def test_no_message_holds_the_key_or_a_long_body(openai: FakeOpenAI) -> None:
    openai.scripts["talkative"] = Script(
        raw=(b'data: {"error": {"message": "' + b"sk-secret failed " * 500 + b'"}}\n\n',)
    )
    openai.key = "sk-right"

    _, unauthorized = await play(client_of(openai, key="sk-wrong"), asking("fake"))
    openai.key = ""
    _, talkative = await play(client_of(openai, key="sk-secret"), asking("talkative"))

    assert unauthorized is not None
    assert talkative is not None
    assert "sk-wrong" not in unauthorized.message
    assert "sk-secret" not in talkative.message
    assert len(talkative.message) < 400


async def test_a_slow_stream_is_no_fault(either: Either) -> None:
    server, _ = either
    client = client_of(server, Timeouts(first_token_s=0.6, idle_s=0.3))

    events, error = await play(client, asking("fake?tokens=12&rate=10"))

    assert error is None
    assert text_of(events) == expected_text(PROMPT, 12)


async def test_a_slow_reader_is_no_fault_of_the_server(either: Either) -> None:
    server, _ = either
    client = client_of(server, Timeouts(first_token_s=0.3, idle_s=0.2))
    stream = client.stream(asking("fake?tokens=3000"))
    parts = []

    async for event in stream:
        if isinstance(event, TextDelta):
            parts.append(event.text)
        if len(parts) == 1:
            await asyncio.sleep(0.5)

    assert "".join(parts) == expected_text(PROMPT, 3000)


async def test_the_model_may_take_long_to_load(either: Either) -> None:
    server, _ = either
    client = client_of(server, Timeouts(first_token_s=5, idle_s=0.2))
    server.scripts["cold"] = Script(tokens=2, delay_s=0.6)

    events, error = await play(client, asking("cold"))

    assert error is None
    assert text_of(events) == expected_text(PROMPT, 2)


async def test_signs_of_life_without_a_token_end_too(openai: FakeOpenAI) -> None:
    openai.scripts["alive"] = Script(raw=tuple(b": still here\n\n" for _ in range(100)), rate=50)

    _, error = await play(client_of(openai, Timeouts(first_token_s=0.4, idle_s=0.2)), asking("alive"))

    assert type(error) is errors.ProviderTimeout


async def test_an_endless_answer_ends(either: Either, monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = either
    monkeypatch.setattr(wire, "_STREAM_BYTES", 500_000)

    events, error = await play(client, asking("fake?tokens=50&fault=endless&fault_at=50"))

    assert type(error) is errors.MalformedStream
    assert text_of(events).startswith(expected_text(PROMPT, 50) * 2)


async def test_closing_the_iterator_closes_the_connection_at_once(either: Either) -> None:
    server, client = either
    stream = client.stream(asking("fake?tokens=1000&rate=100"))
    await anext(stream)

    await stream.aclose()

    await until(lambda: server.log.disconnects == ["fake?tokens=1000&rate=100"], timeout_s=1)


@pytest.mark.parametrize("model", ["fake?tokens=1000&rate=100", "fake?fault=silence&fault_at=1"])
async def test_canceling_closes_the_connection_at_once(either: Either, model: str) -> None:
    server, _ = either
    client = client_of(server, Timeouts())
    task = asyncio.create_task(play(client, asking(model)))
    await until(lambda: server.log.sent_tokens)

    task.cancel()

    await until(lambda: server.log.disconnects == [model], timeout_s=1)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_canceling_before_the_first_byte_closes_the_connection(either: Either) -> None:
    server, _ = either
    task = asyncio.create_task(play(client_of(server, Timeouts()), asking("fake?fault=no_answer")))
    await until(lambda: server.log.requests)

    task.cancel()

    await until(lambda: not server.connections, timeout_s=1)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_is_not_there_is_named_unreachable() -> None:
    async with FakeOllama() as gone:
        url = gone.url
    client = OllamaClient(Server(url))

    _, error = await play(client, asking("fake"))
    await close_sessions()

    assert type(error) is errors.ProviderUnreachable


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254", "http://[fe80::1]:11434", "http://0xa9fea9fe", "http://no-such-host.invalid"]
)
async def test_a_refused_or_unknown_address_is_named_unreachable(url: str) -> None:
    client = OllamaClient(Server(url))

    _, error = await play(client, asking("fake"))
    await close_sessions()

    assert type(error) is errors.ProviderUnreachable
