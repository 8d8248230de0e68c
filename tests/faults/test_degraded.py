"""What still works while a part is away, and that nothing is lost when it is back."""

import asyncio
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from olympus.runtime.places import PYTHON, ROOT
from olympus.runtime.programs import worker_arguments
from tests.faults.conftest import Stage
from tests.faults.waiting import is_whole, until, until_over, until_streaming
from tests.faults.world import dead, headers_of_page, hung, readiness
from tests.support.socket import SocketClient

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(180)]


def page(stage: Stage, headers: dict[str, str]) -> int:
    """Load the chat page."""
    request = urllib.request.Request(stage.stack.url, headers={"Cookie": headers["Cookie"]})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(answer.status)


@pytest.mark.parametrize("way", ["dead", "hung"])
async def test_without_valkey_people_sign_in_send_and_get_answers(stage: Stage, way: str) -> None:
    trouble = dead if way == "dead" else hung
    async with stage.client() as client:  # so that every process has a line to Valkey that can hang
        await until_over([client.send(f"A question before Valkey is {way}")])
    with trouble(stage.stack, "valkey"):
        headers = await asyncio.to_thread(headers_of_page, stage.stack)
        assert await asyncio.to_thread(page, stage, headers) == 200
        async with SocketClient(stage.stack.url, headers) as client:
            turn = client.send(f"A question while Valkey is {way}")
            await asyncio.wait_for(turn.acked.wait(), 30)
            named = await asyncio.to_thread(readiness, stage.stack)
            await until(lambda: stage.stored(turn).run_state == "complete", "the answer was not stored")
            await until_over([turn])

    assert named == {**named, "valkey": False, "postgres": True}
    assert is_whole(turn, stage.models.tokens)
    assert stage.stored(turn).answer == turn.run.text  # type: ignore[union-attr]


async def test_a_worker_that_hangs_is_named_and_goes_on_where_it_was(stage: Stage) -> None:
    async with stage.client() as client:
        running = client.send("Answer me across a long pause")
        await until_streaming([running])
        with hung(stage.stack, "worker"):
            waiting = client.send("Answer me after a long pause")
            await asyncio.wait_for(waiting.acked.wait(), 20)
            await until(
                lambda: readiness(stage.stack).get("worker") is False, "/readyz does not name the worker", timeout_s=40
            )
            state_meanwhile = stage.stored(waiting).run_state

        await until_over([running, waiting])

    assert state_meanwhile == "queued"
    for turn in (running, waiting):
        assert stage.stored(turn).run_state == "complete"
        assert is_whole(turn, stage.models.tokens)


async def test_what_another_worker_took_over_the_first_cannot_touch_any_more(stage: Stage) -> None:
    async with stage.client() as client:
        running = client.send("Answer me until you are thought dead")
        await until_streaming([running])
        with hung(stage.stack, "worker"), second_worker(stage):
            waiting = client.send("Answer me by the second worker")
            await until_over([running, waiting], timeout_s=90)
            taken_over = stage.stored(running)
        # The first worker has the rest of the answer in its socket now, and a sweep and checkpoints to notice.
        await asyncio.sleep(3)

    assert stage.stored(running) == taken_over
    assert taken_over.run_state == "complete"
    assert taken_over.answer == running.run.text  # type: ignore[union-attr]
    assert is_whole(running, stage.models.tokens)
    assert is_whole(waiting, stage.models.tokens)


@contextmanager
def second_worker(stage: Stage) -> Iterator[None]:
    """Another worker on the same stores, as on a second machine."""
    env = {**stage.stack.env, **stage.stack.run_file()["env"]}
    process = subprocess.Popen(
        [PYTHON, *worker_arguments(with_beat=False)], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def test_a_database_that_hangs_for_seconds_loses_nothing(stage: Stage) -> None:
    async with stage.client() as client:
        running = [client.send(f"Answer {n} across a database that hangs") for n in range(5)]
        await until_streaming(running)
        with hung(stage.stack, "postgres"):
            waiting = client.send("Asked while the database hangs")
            await asyncio.sleep(1)
            named = await asyncio.to_thread(readiness, stage.stack)
            await asyncio.sleep(1)

        await until_over([*running, waiting])

    assert named == {**named, "postgres": False}
    for turn in [*running, waiting]:
        assert stage.stored(turn).run_state == "complete"
        assert is_whole(turn, stage.models.tokens)
