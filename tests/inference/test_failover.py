"""Before the first word another server takes over, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from apps.inference import errors
from apps.inference.calling import course
from apps.inference.calling.pooling import pooled
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, FinishReason
from apps.inference.engine.scripted import ScriptedModel, saying
from apps.inference.engine.wire import Timeouts
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import until
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.inference.conftest import PROMPT, asking
from tests.inference.failing_over import MODEL, TestPool, hear

INSTEAD_OF_AN_ANSWER = ["401", "403", "404", "429:7", "500", "503", "html", "redirect", "close_at_once", "not_http"]
BEFORE_A_WORD = ["cut", "half_line", "eof", "reset", "malformed", "error", "long_line", "silence", "drip", "no_answer"]


@pytest.fixture
async def servers() -> AsyncIterator[tuple[FakeOllama, FakeOllama]]:
    async with FakeOllama() as one, FakeOllama() as other:
        yield one, other
        await close_sessions()


@pytest.fixture
def pool(servers: tuple[FakeOllama, FakeOllama]) -> TestPool:
    made = TestPool()
    made.connect(servers[0], "One")
    made.connect(servers[1], "Other")
    return made


Servers = tuple[FakeOllama, FakeOllama]


async def test_the_first_answers_where_nothing_fails(servers: Servers, pool: TestPool) -> None:
    heard = await hear(pool, pool.call())

    assert heard.text == expected_text(PROMPT, 50)
    assert heard.routed.provider_name == "One"
    assert heard.finished.usage is not None
    assert heard.finished.usage.completion_tokens == 50
    assert not servers[1].log.requests


@pytest.mark.parametrize("fault", [*INSTEAD_OF_AN_ANSWER, *BEFORE_A_WORD])
async def test_one_that_fails_before_a_word_is_replaced_in_silence(
    fault: str, servers: Servers, pool: TestPool
) -> None:
    servers[0].default = Script(fault=fault)

    heard = await hear(pool, pool.call())

    assert heard.error is None
    assert heard.text == expected_text(PROMPT, 50)
    assert heard.routed.provider_name == "Other"
    assert heard.routed.reasons == ("One could not answer, so Other was asked.",)
    assert heard.switches == []


async def test_one_that_is_not_there_is_replaced_in_silence(servers: Servers, pool: TestPool) -> None:
    await servers[0].stop()

    heard = await hear(pool, pool.call())

    assert (heard.text, heard.routed.provider_name) == (expected_text(PROMPT, 50), "Other")


async def test_one_that_only_lets_wait_is_not_waited_for(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "_PATIENCE_S", 0.1)
    servers[0].default = Script(delay_s=30)
    pool = TestPool()
    for server, name in zip(servers, ("One", "Other"), strict=True):
        pool.connect(server, name, timeouts=Timeouts())

    heard = await hear(pool, pool.call())

    assert heard.routed.provider_name == "Other"
    await until(lambda: not servers[0].connections, timeout_s=1)


async def test_the_last_one_may_take_its_time(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "_PATIENCE_S", 0.05)
    servers[0].default = Script(delay_s=0.3)
    pool = TestPool()
    pool.connect(servers[0], "One")

    heard = await hear(pool, pool.call())

    assert heard.text == expected_text(PROMPT, 50)


async def test_past_the_deadline_nobody_else_is_asked(
    servers: Servers, pool: TestPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "_DEADLINE_S", 0.1)
    servers[0].default = Script(fault="no_answer")

    heard = await hear(pool, pool.call())

    assert isinstance(heard.error, errors.ProviderTimeout)
    assert not servers[1].log.requests


@pytest.mark.parametrize(("fault", "error"), [("context", errors.ContextExceeded), ("400", errors.ProviderRefused)])
async def test_what_is_wrong_with_the_request_is_said_at_once(
    fault: str, error: type[errors.ModelError], servers: Servers, pool: TestPool
) -> None:
    servers[0].default = Script(fault=fault)

    heard = await hear(pool, pool.call())

    assert type(heard.error) is error
    assert not servers[1].log.requests


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (("500", "429:7"), errors.ProviderRateLimited),
        (("401", "503"), errors.ProviderFailed),
        (("404", "401"), errors.ProviderUnauthorized),
        (("close_at_once", "404"), errors.StreamCut),
    ],
)
async def test_if_all_fail_the_person_hears_what_helps_the_most(
    faults: tuple[str, str], error: type[errors.ModelError], servers: Servers, pool: TestPool
) -> None:
    for server, fault in zip(servers, faults, strict=True):
        server.default = Script(fault=fault)

    heard = await hear(pool, pool.call())

    assert type(heard.error) is error
    assert heard.events == []
    assert [len(server.log.requests) for server in servers] == [1, 1]


async def test_behind_all_servers_of_a_model_comes_the_plans_next_model(servers: Servers, pool: TestPool) -> None:
    for server in servers:
        server.scripts[MODEL] = Script(fault="500")
    pool.connect(servers[1], "Third", model="small")

    heard = await hear(pool, pool.call(models=(MODEL, "small")))

    assert (heard.routed.model, heard.routed.provider_name) == ("small", "Third")
    assert heard.text == expected_text(PROMPT, 50)


async def test_a_server_that_was_named_is_the_only_one_asked(servers: Servers) -> None:
    pool = TestPool()
    named = pool.connect(servers[0], "One")
    pool.connect(servers[1], "Other")
    servers[0].default = Script(fault="500")

    heard = await hear(pool, pool.call(provider_id=named))

    assert isinstance(heard.error, errors.ProviderFailed)
    assert not servers[1].log.requests


async def test_each_server_is_asked_by_its_own_name_for_the_model_and_for_no_more_context(servers: Servers) -> None:
    pool = TestPool()
    pool.connect(servers[0], "One", model="fake:latest")
    request = ChatRequest("fake", asking("fake").messages, context_length=131072)

    await hear(pool, pool.call(request))

    assert servers[0].log.requests[0].body["model"] == "fake:latest"
    assert servers[0].log.requests[0].body["options"]["num_ctx"] == 8192


async def test_a_client_that_goes_away_closes_the_connection(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(tokens=1000, rate=100)
    calling = await pooled(pool.call(), look_up=pool.look_up)
    await anext(calling)

    await calling.aclose()

    await until(lambda: servers[0].log.disconnects, timeout_s=1)
    assert not servers[1].log.requests


async def test_a_client_that_goes_away_while_another_is_asked_closes_that_too(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="500")
    servers[1].default = Script(delay_s=30)
    task = asyncio.create_task(hear(pool, pool.call()))
    await until(lambda: servers[1].log.requests)

    task.cancel()

    await until(lambda: not servers[1].connections, timeout_s=1)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_that_went_is_not_asked_first_again(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="429:60")
    await hear(pool, pool.call())

    heard = await hear(pool, pool.call())

    assert heard.routed.provider_name == "Other"
    assert len(servers[0].log.requests) == 1


async def test_another_wire_takes_over_as_well(servers: Servers) -> None:
    servers[0].default = Script(fault="reset")
    pool = TestPool()
    pool.connect(servers[0], "One")
    async with FakeOpenAI() as openai:
        pool.connect(openai, "Other")

        heard = await hear(pool, pool.call())

    assert (heard.text, heard.routed.provider_name) == (expected_text(PROMPT, 50), "Other")


async def test_a_scripted_model_needs_no_server() -> None:
    pool = TestPool()
    pool.connect(ScriptedModel(saying("Good morning")), "Script")

    heard = await hear(pool, pool.call())

    assert (heard.text, heard.finished.reason) == ("Good morning", FinishReason.STOP)


async def test_an_answer_to_go_on_with_is_for_those_who_can() -> None:
    script = ScriptedModel(saying("Good morning"))
    pool = TestPool()
    pool.connect(script, "Script")
    begun = (ChatMessage(ChatRole.USER, "Hi"), ChatMessage(ChatRole.ASSISTANT, "Good "))

    heard = await hear(pool, pool.call(ChatRequest(MODEL, begun, goes_on=True)))

    assert isinstance(heard.error, errors.CannotGoOn)
    assert not script.requests
