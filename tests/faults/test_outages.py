"""Programs at the gateway while something dies: answers are whole or say what happened, and each call is charged once."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from celery import Celery

from tests.doubles.texts import expected_text
from tests.faults.conftest import SCRAPER, Stage
from tests.faults.waiting import is_whole, until, until_over, until_streaming
from tests.faults.world import ModelServer, database, dead, headers_of_page, headers_of_program, wait_until_ready

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(180)]

_CHAT = "v1/chat/completions"


@pytest.fixture
async def program(stage: Stage) -> AsyncIterator[aiohttp.ClientSession]:
    """A program with the key."""
    headers, limit = headers_of_program(stage.key), aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(stage.stack.url, headers=headers, timeout=limit) as session:
        yield session


@pytest.fixture
async def second(stage: Stage, program: aiohttp.ClientSession) -> AsyncIterator[ModelServer]:
    """Another server that has the same model."""
    with ModelServer(tokens=stage.models.tokens, rate=100) as models:
        place = await made(program, "api/v1/providers", kind="ollama", name="Second", base_url=models.url)
        yield models
        await removed(program, place)


@pytest.fixture
async def budget(program: aiohttp.ClientSession) -> AsyncIterator[None]:
    """A limit nobody reaches, so that calls hold something back."""
    asked = {"subject": "everybody", "metric": "tokens", "period": "day", "limit": 10**12}
    place = await made(program, "api/v1/budgets", **asked)
    yield
    await removed(program, place)


async def made(program: aiohttp.ClientSession, path: str, **body: Any) -> str:
    async with program.post(path, json=body) as answer:
        assert answer.status == 201, await answer.text()
        return answer.headers["Location"].lstrip("/")


async def removed(program: aiohttp.ClientSession, place: str) -> None:
    async with program.delete(place) as answer:
        assert answer.status == 204, await answer.text()


def asking(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "fake", "messages": [{"role": "user", "content": text}], **more}


async def ask(program: aiohttp.ClientSession, text: str) -> tuple[int, str]:
    """Ask and wait for the whole answer: the status, and the text or the error's code."""
    async with program.post(_CHAT, json=asking(text)) as answer:
        said = await answer.json()
        return answer.status, said["error"]["code"] if "error" in said else said["choices"][0]["message"]["content"]


async def stream(program: aiohttp.ClientSession, text: str) -> tuple[int, str]:
    """Ask and put the text together from its stream; one that breaks off raises."""
    parts = []
    async with program.post(_CHAT, json=asking(text, stream=True)) as answer:
        async for line in answer.content:
            if line.startswith(b"data: {"):
                event = json.loads(line[6:])
                parts += [choice["delta"].get("content") or "" for choice in event["choices"]]
            elif line.startswith(b"data: [DONE]"):
                return answer.status, "".join(parts)
    raise AssertionError(f"no end after {len(parts)} pieces")


def calls(program: aiohttp.ClientSession, name: str, count: int) -> dict[str, "asyncio.Task[tuple[int, str]]"]:
    """Begin calls, streamed and whole in turn, by what each asks."""
    texts = [f"{name}, call {number}" for number in range(count)]
    return {text: asyncio.create_task((stream, ask)[at % 2](program, text)) for at, text in enumerate(texts)}


def whole(texts: Sequence[str], stage: Stage) -> list[tuple[int, str]]:
    """What whole answers to these are."""
    return [(200, expected_text(text, stage.models.tokens)) for text in texts]


def entries(stage: Stage) -> Counter[str]:
    """How many calls of programs the ledger has, by how they ended."""
    with database(stage.stack) as connection:
        rows = connection.execute("SELECT state FROM accounts_ledgerentry WHERE door IN ('gateway', '')").fetchall()
    return Counter(state for (state,) in rows)


async def until_asked(models: Sequence[ModelServer], sent_before: Sequence[int], *, tokens: int = 60) -> None:
    """Wait until each of the servers is in the middle of an answer."""

    def is_so() -> bool:
        pairs = zip(models, sent_before, strict=True)
        return all(each.report()["sent_tokens"] >= before + tokens for each, before in pairs)

    await until(is_so, "a model server was not asked")


def sent(*models: ModelServer) -> list[int]:
    return [each.report()["sent_tokens"] for each in models]


async def test_programs_hear_nothing_of_a_model_server_that_is_killed(
    stage: Stage, program: aiohttp.ClientSession, second: ModelServer
) -> None:
    before, sent_before = entries(stage), sent(stage.models, second)
    running = calls(program, "A server dies", 8)
    await until_asked([stage.models, second], sent_before)

    second.kill()
    outcomes = await asyncio.gather(*running.values())
    later = calls(program, "A server is dead", 4)
    outcomes_later = await asyncio.gather(*later.values())

    assert outcomes == whole(list(running), stage)
    assert outcomes_later == whole(list(later), stage)
    await until(lambda: entries(stage) - before == Counter(complete=12), f"the ledger: {entries(stage) - before}")


async def test_without_the_database_all_are_told_soon_and_what_runs_goes_on(
    stage: Stage, program: aiohttp.ClientSession
) -> None:
    reader, logged = await asyncio.to_thread(headers_of_page, stage.stack), len(stage.stack.log("web"))
    before, sent_before = entries(stage), sent(stage.models)
    running = calls(program, "The database dies", 4)
    async with stage.client() as client:
        turn = client.send("The database dies in an answer")
        await until_streaming([turn])
        await until_asked([stage.models], sent_before)
        with dead(stage.stack, "postgres"):
            await asyncio.sleep(1)  # what a process believes for a second is over
            told = await asyncio.gather(
                ask(program, "Asked without a database"),
                status(program, "", Cookie=reader["Cookie"]),
                status(program, "api/v1/conversations"),
                status(program, "metrics", Authorization=f"Bearer {SCRAPER}"),
                status(program, "healthz"),
            )
            outcomes = await asyncio.gather(*running.values())
        await asyncio.to_thread(wait_until_ready, stage.stack)
        await until_over([turn])

    assert list(told) == [(503, "unavailable"), 503, 503, 200, 200]
    assert outcomes == whole(list(running), stage)
    assert is_whole(turn, stage.models.tokens)
    assert stage.stored(turn).run_state == "complete"
    await until(lambda: entries(stage) - before == Counter(complete=4), f"the ledger: {entries(stage) - before}")
    assert "Traceback" not in stage.stack.log("web")[logged:]


async def status(program: aiohttp.ClientSession, path: str, **headers: str) -> int:
    async with program.get(path, headers=headers) as answer:
        await answer.read()
        return answer.status


@pytest.mark.usefixtures("budget")
async def test_calls_that_die_with_the_web_process_are_charged_once_what_they_held(
    stage: Stage, program: aiohttp.ClientSession
) -> None:
    before, sent_before = entries(stage), sent(stage.models)
    running = calls(program, "The web process dies", 4)
    await until_asked([stage.models], sent_before, tokens=200)

    pid = stage.stack.kill("web")
    outcomes = await asyncio.gather(*running.values(), return_exceptions=True)
    await asyncio.to_thread(stage.stack.wait_until_replaced, "web", pid)
    await asyncio.to_thread(wait_until_ready, stage.stack)
    answered = await ask(program, "Asked of the new web process")
    await asyncio.to_thread(expire_holds, stage)

    assert all(isinstance(each, aiohttp.ClientError) for each in outcomes), outcomes
    assert [answered] == whole(["Asked of the new web process"], stage)
    ended = Counter(lost=4, complete=1)
    await until(lambda: entries(stage) - before == ended, f"the ledger: {entries(stage) - before}")
    assert budget_and_ledger(stage) == (0, 0)


def expire_holds(stage: Stage) -> None:
    """Let a quarter of an hour pass for what is held, and have the worker look at it now."""
    with database(stage.stack) as connection:
        connection.execute("UPDATE accounts_hold SET expires_at = now() - interval '1 second'")
    broker = stage.stack.run_file()["env"]["REDIS_URL"].replace("unix://", "redis+socket://", 1)
    with Celery(broker=broker, set_as_current=False) as app:
        app.send_task("apps.accounts.tasks.charge_lost_calls", ignore_result=True)


def budget_and_ledger(stage: Stage) -> tuple[int, int]:
    """What the budget holds still, and by how much it differs from what the ledger has."""
    with database(stage.stack) as connection:
        row = connection.execute(
            "SELECT sum(held), sum(used) - (SELECT sum(input_tokens + output_tokens) FROM accounts_ledgerentry)"
            " FROM accounts_budgetwindow"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
