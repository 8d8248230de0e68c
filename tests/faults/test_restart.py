"""Olympus is stopped in the middle of ten answers and started again: each is whole, or says so and keeps its text."""

import socket
import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import Stage
from tests.faults.verifying import leftovers
from tests.faults.waiting import is_begun_well, is_whole, until_over, until_streaming
from tests.faults.world import ModelServer, add_model_server, add_person
from tests.support.stack import Stack

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def lasting() -> Iterator[Stage]:
    """A stack with a port of its own, so that it comes back where it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stack = Stack(env={"OLYMPUS_DRAIN_S": "1"}, arguments=("--port", str(port)))
    with ModelServer(tokens=600, rate=100) as models, stack:
        key = add_person(stack)
        add_model_server(stack, models.url)
        yield Stage(stack, models, key)


def press_ctrl_c(stack: Stack) -> None:
    """End it as a person does."""
    assert stack.stop() == 0, stack.output


def kill_supervisor(stack: Stack) -> None:
    """End it as a machine that loses patience does."""
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    end = time.monotonic() + 20
    while stack.processes():
        assert time.monotonic() < end, "something outlives the supervisor"
        time.sleep(0.05)


WAYS = {"Ctrl-C": press_ctrl_c, "kill -9": kill_supervisor}


@pytest.mark.parametrize("way", WAYS)
async def test_ten_answers_outlive_the_end_of_the_stack(lasting: Stage, way: str) -> None:
    async with lasting.client() as client:
        running = [client.send(f"Answer {n} across {way}") for n in range(10)]
        waiting = client.send(f"Answer after the first across {way}", after=running[0])
        await until_streaming(running)

        # The loop stands still meanwhile: the client hears of it when the stack is back.
        WAYS[way](lasting.stack)
        left = lasting.stack.processes()
        lasting.stack.start()

        await until_over([*running, waiting])

    assert left == set()
    for turn in [*running, waiting]:
        stored = lasting.stored(turn)
        assert turn.run is not None
        assert (turn.run.text, turn.run.state) == (stored.answer, stored.run_state)
        assert is_begun_well(turn, lasting.models.tokens)
        assert stored.run_state == "interrupted" or is_whole(turn, lasting.models.tokens)
    assert is_whole(waiting, lasting.models.tokens)
    assert not any(leftovers(lasting.stack).values())
