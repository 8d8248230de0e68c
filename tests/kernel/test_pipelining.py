"""Many questions to Valkey over one connection: their order, refusals, and every way it can break."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from olympus.kernel.pipelining import PATIENCE_S, Pipe, Script, valkey_pipe
from olympus.kernel.valkey import valkey

_ADD = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


@pytest.fixture
async def silent_server(tmp_path: Path) -> AsyncIterator[str]:
    """What takes connections and never says a word."""
    held = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.read()

    server = await asyncio.start_unix_server(hold, tmp_path / "silent.sock")
    yield f"unix://{tmp_path}/silent.sock"
    server.close()
    for writer in held:
        writer.close()


async def test_each_of_many_gets_its_own_answer() -> None:
    answers = await asyncio.gather(*[valkey_pipe().ask("ECHO", f"{number}") for number in range(500)])

    assert answers == [b"%d" % number for number in range(500)]


async def test_a_refusal_is_of_its_question_alone() -> None:
    valkey().set("pipelining:text", "no number")

    one, refusal, other = await asyncio.gather(
        valkey_pipe().ask("ECHO", "one"),
        valkey_pipe().ask("INCR", "pipelining:text"),
        valkey_pipe().ask("ECHO", "other"),
        return_exceptions=True,
    )

    assert (one, other) == (b"one", b"other")
    assert isinstance(refusal, redis.ResponseError)


async def test_a_script_runs_also_where_it_was_forgotten() -> None:
    valkey().delete("pipelining:sum")
    await valkey_pipe().run(_ADD, ["pipelining:sum"], [2])
    valkey().script_flush()

    assert await valkey_pipe().run(_ADD, ["pipelining:sum"], [3]) == 5


async def test_who_stopped_waiting_shifts_nobodys_answer() -> None:
    pipe = valkey_pipe()
    left = asyncio.ensure_future(pipe.ask("ECHO", "left"))
    stays = asyncio.ensure_future(pipe.ask("ECHO", "stays"))
    await asyncio.sleep(0)
    left.cancel()

    assert await stays == b"stays"


async def test_it_connects_again_after_its_connection_was_cut() -> None:
    pipe = valkey_pipe()
    number = await pipe.ask("CLIENT", "ID")

    valkey().execute_command("CLIENT", "KILL", "ID", number)
    await asyncio.sleep(0.1)

    assert await pipe.ask("ECHO", "again") == b"again"


async def test_nobody_waits_for_a_valkey_that_is_silent(silent_server: str) -> None:
    pipe, begun = Pipe(silent_server), time.monotonic()

    answers = await asyncio.gather(*[pipe.ask("PING") for _ in range(20)], return_exceptions=True)

    assert all(isinstance(answer, redis.TimeoutError) for answer in answers)
    assert time.monotonic() - begun < 10 * PATIENCE_S


async def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises((redis.RedisError, OSError)):
        await Pipe("unix:///nonexistent/valkey.sock").ask("PING")


async def test_a_loop_that_was_busy_takes_no_answer_for_late() -> None:
    pipe = valkey_pipe()
    await pipe.ask("PING")
    asked = asyncio.ensure_future(pipe.ask("ECHO", "in time"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    time.sleep(PATIENCE_S + 0.2)  # noqa: ASYNC251 - somebody else's work on the loop

    assert await asked == b"in time"


async def test_two_pipes_of_one_address_do_not_mix() -> None:
    pipes = [Pipe(settings.REDIS_URL) for _ in range(3)]

    answers = await asyncio.gather(*[pipe.ask("ECHO", f"{place}") for place, pipe in enumerate(pipes)])

    assert answers == [b"0", b"1", b"2"]
