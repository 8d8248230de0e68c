"""In the middle of an answer another server goes on with it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from apps.inference import errors
from apps.inference.calling.pooling import pooled
from apps.inference.contracts import (
    CallOptions,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Finished,
    FinishReason,
    Sampling,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
    Usage,
)
from apps.inference.engine.scripted import Pause, ScriptedModel, saying
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import until
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.inference.conftest import PROMPT, asking
from tests.inference.failing_over import MODEL, Heard, TestPool, hear

Servers = tuple[FakeOllama, FakeOllama]
MIDWAY = ["cut", "half_line", "eof", "reset", "malformed", "error", "long_line", "silence", "drip"]
WHOLE = expected_text(PROMPT, 50)


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    async with FakeOllama() as one, FakeOllama() as other:
        yield one, other
        await close_sessions()


@pytest.fixture
def pool(servers: Servers) -> TestPool:
    made = TestPool()
    made.connect(servers[0], "One")
    made.connect(servers[1], "Other")
    return made


def kept_of(heard: Heard) -> str:
    """What had been said before the first switch."""
    before = heard.events[: heard.events.index(heard.switches[0])]
    return "".join(event.text for event in before if isinstance(event, TextDelta))


@pytest.mark.parametrize("at", [1, 9, 49, 50])
@pytest.mark.parametrize("fault", MIDWAY)
async def test_whatever_breaks_off_the_answer_is_whole(fault: str, at: int, servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault=fault, fault_at=at)

    heard = await hear(pool, pool.call())

    assert heard.error is None
    assert heard.text == WHOLE
    assert heard.routed.provider_name == "One"
    (switch,) = heard.switches
    assert (switch.provider_name, switch.failed_name, switch.is_break) == ("Other", "One", False)
    assert kept_of(heard) == expected_text(PROMPT, at)
    assert heard.finished.reason is FinishReason.STOP


async def test_the_next_one_is_given_what_was_said(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)

    await hear(pool, pool.call(replace(asking(MODEL), sampling=Sampling(max_tokens=40))))

    body = servers[1].log.requests[0].body
    assert body["messages"][-1] == {"role": "assistant", "content": expected_text(PROMPT, 9).rstrip()}
    assert body["options"]["num_predict"] == 31


async def test_what_both_used_is_added_up(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=10)

    heard = await hear(pool, pool.call())

    usage = heard.finished.usage
    assert usage is not None
    assert usage.completion_tokens == pytest.approx(50, abs=1)
    assert usage.prompt_tokens == 26 + (26 - 10)


@pytest.mark.parametrize("owner", ["vllm", "sglang", "llamacpp"])
async def test_servers_of_openais_wire_go_on_in_their_own_way(owner: str, servers: Servers) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)
    pool = TestPool()
    pool.connect(servers[0], "One")
    async with FakeOpenAI() as openai:
        for model in openai.models:
            model["owned_by"] = owner
        pool.connect(openai, "Other", goes_on=True)

        heard = await hear(pool, pool.call())

    body = openai.log.requests[-1].body
    assert (heard.text, heard.switches[0].is_break) == (WHOLE, False)
    assert body["messages"][-1]["role"] == "assistant"
    assert ("continue_final_message" in body) == (owner != "llamacpp")
    assert body.get("add_generation_prompt", False) is False


async def test_from_one_that_starts_over_and_repeats_the_text_only_what_is_new_is_taken(servers: Servers) -> None:
    servers[0].default = Script(fault="reset", fault_at=20)
    pool = TestPool()
    pool.connect(servers[0], "One")
    async with FakeOpenAI() as openai:
        pool.connect(openai, "Other")

        heard = await hear(pool, pool.call())

    assert (heard.text, heard.switches[0].is_break) == (WHOLE, False)


async def test_from_one_that_says_something_else_comes_a_second_part(servers: Servers) -> None:
    servers[0].default = Script(fault="reset", fault_at=20)
    pool = TestPool()
    pool.connect(servers[0], "One")
    pool.connect(ScriptedModel(saying("Let me begin again.")), "Other", goes_on=False)

    heard = await hear(pool, pool.call())

    assert heard.text == expected_text(PROMPT, 20) + "\n\nLet me begin again."
    assert heard.switches[0].is_break


async def test_those_who_can_go_on_are_asked_before_those_who_start_over(servers: Servers) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)
    script = ScriptedModel(saying("Something else"))
    pool = TestPool()
    pool.connect(servers[0], "One")
    pool.connect(script, "Script", goes_on=False)
    pool.connect(servers[1], "Other")

    heard = await hear(pool, pool.call())

    assert heard.text == WHOLE
    assert not script.requests


async def test_one_that_refuses_the_beginning_is_asked_for_all_of_it(servers: Servers) -> None:
    servers[0].default = Script(fault="cut", fault_at=20)
    refusing = ScriptedModel([errors.ProviderRefused("no", status=400)], saying(WHOLE))
    pool = TestPool()
    pool.connect(servers[0], "One")
    pool.connect(refusing, "Other", goes_on=False)

    heard = await hear(pool, pool.call())

    assert heard.text == WHOLE
    assert [request.messages[-1].role for request in refusing.requests] == [ChatRole.ASSISTANT, ChatRole.USER]


async def test_one_that_takes_the_beginning_for_the_whole_is_asked_for_all_of_it(servers: Servers) -> None:
    servers[0].default = Script(fault="cut", fault_at=20)
    silent = ScriptedModel([Finished(FinishReason.STOP)], saying(WHOLE))
    pool = TestPool()
    pool.connect(servers[0], "One")
    pool.connect(silent, "Other", goes_on=False)

    heard = await hear(pool, pool.call())

    assert heard.text == WHOLE
    assert len(silent.requests) == 2


async def test_a_third_goes_on_where_the_second_breaks_off(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)
    servers[1].default = Script(fault="reset", fault_at=10)
    async with FakeOllama() as third:
        pool.connect(third, "Third")

        heard = await hear(pool, pool.call())

    assert heard.text == WHOLE
    assert [(s.failed_name, s.provider_name) for s in heard.switches] == [("One", "Other"), ("Other", "Third")]


async def test_each_server_is_asked_once_and_then_the_error_stands(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)
    servers[1].default = Script(fault="cut", fault_at=10)

    heard = await hear(pool, pool.call())

    assert isinstance(heard.error, errors.StreamCut)
    assert heard.text == expected_text(PROMPT, 19)
    assert [len(server.log.requests) for server in servers] == [1, 1]


async def test_who_will_not_have_another_go_on_gets_the_error(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)

    heard = await hear(pool, pool.call(options=CallOptions(may_switch=False)))

    assert isinstance(heard.error, errors.StreamCut)
    assert heard.text == expected_text(PROMPT, 9)
    assert not servers[1].log.requests


async def test_behind_a_tool_that_was_asked_for_the_error_stands(servers: Servers) -> None:
    servers[0].default = Script(tokens=3, tool_calls=(("search", {"q": "x"}),))
    pool = TestPool()
    call = ToolCallRequested(call=None)  # type: ignore[arg-type]
    pool.connect(ScriptedModel([TextDelta("Let me look"), call, errors.StreamCut()]), "One")
    pool.connect(servers[1], "Other")

    heard = await hear(pool, pool.call())

    assert isinstance(heard.error, errors.StreamCut)
    assert not servers[1].log.requests


async def test_an_answer_in_a_given_form_is_not_put_together_of_two(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)

    heard = await hear(pool, pool.call(replace(asking(MODEL), response_schema={"type": "object"})))

    assert isinstance(heard.error, errors.StreamCut)
    assert not servers[1].log.requests


async def test_who_is_cut_off_while_thinking_is_followed_by_one_who_begins_again(servers: Servers) -> None:
    servers[0].default = Script(thinking=3, fault="cut", fault_at=2)
    servers[1].default = Script(thinking=2, tokens=5)
    pool = TestPool()
    pool.connect(servers[0], "One")
    pool.connect(servers[1], "Other")

    heard = await hear(pool, pool.call())

    thoughts = "".join(event.text for event in heard.events if isinstance(event, ThinkingDelta))
    assert thoughts == "thought 0 thought 1 \n\nthought 0 thought 1 "
    assert heard.text == expected_text(PROMPT, 5)
    assert len(heard.switches) == 1
    assert servers[1].log.requests[0].body["messages"][-1]["role"] == "user"


async def test_an_answer_begun_elsewhere_is_gone_on_with(servers: Servers, pool: TestPool) -> None:
    begun = (ChatMessage(ChatRole.USER, PROMPT), ChatMessage(ChatRole.ASSISTANT, expected_text(PROMPT, 20)))
    servers[0].default = Script(fault="cut", fault_at=9)

    heard = await hear(pool, pool.call(ChatRequest(MODEL, begun, goes_on=True)))

    assert expected_text(PROMPT, 20) + heard.text == WHOLE
    assert (heard.routed.provider_name, len(heard.switches)) == ("One", 1)


async def test_fifty_answers_outlive_the_server_that_writes_them(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(tokens=60, rate=100)
    servers[1].default = Script(tokens=60, rate=0)
    calls = [asyncio.create_task(hear(pool, pool.call(asking(MODEL, f"Question {n}")))) for n in range(50)]
    await until(lambda: servers[0].log.sent_tokens > 500)

    for connection in list(servers[0].connections):
        connection.reset()
    await servers[0].stop()

    answers = await asyncio.gather(*calls)
    assert [heard.text for heard in answers] == [expected_text(f"Question {n}", 60) for n in range(50)]
    assert all(len(heard.switches) == 1 for heard in answers)


async def test_who_goes_away_during_a_switch_leaves_no_connection_behind(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(fault="cut", fault_at=9)
    servers[1].default = Script(delay_s=30)
    task = asyncio.create_task(hear(pool, pool.call()))
    await until(lambda: servers[1].log.requests)

    task.cancel()

    await until(lambda: not servers[1].connections, timeout_s=1)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_stops_reading_behind_a_switch_closes_the_connection(servers: Servers, pool: TestPool) -> None:
    servers[0].default = Script(tokens=100, fault="cut", fault_at=9)
    servers[1].default = Script(tokens=1000, rate=100)
    calling = await pooled(pool.call(), look_up=pool.look_up)
    async for event in calling:
        if getattr(event, "failed_name", ""):
            break

    await calling.aclose()

    await until(lambda: servers[1].log.disconnects, timeout_s=1)


async def test_an_answer_nobody_reads_through_is_not_kept_going() -> None:
    slow = ScriptedModel([TextDelta("x" * 500_000), Pause(0.0), errors.StreamCut()])
    other = ScriptedModel(saying("more"))
    pool = TestPool()
    pool.connect(slow, "One", goes_on=True)
    pool.connect(other, "Other", goes_on=True)

    heard = await hear(pool, pool.call())

    assert isinstance(heard.error, errors.StreamCut)
    assert not other.requests


async def test_usage_nobody_told_is_not_made_up() -> None:
    pool = TestPool()
    pool.connect(ScriptedModel([TextDelta("One "), errors.StreamCut()]), "One", goes_on=True)
    pool.connect(ScriptedModel([TextDelta("two"), Finished(FinishReason.STOP)]), "Other", goes_on=True)

    heard = await hear(pool, pool.call())

    assert heard.text == "One two"
    assert heard.finished.usage is None


async def test_usage_of_a_server_that_counts_is_kept_as_it_is_without_a_switch() -> None:
    pool = TestPool()
    pool.connect(ScriptedModel([TextDelta("One"), Finished(FinishReason.STOP, Usage(7, 1, 3))]), "One")

    heard = await hear(pool, pool.call())

    assert heard.finished.usage == Usage(7, 1, 3)
