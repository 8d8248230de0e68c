"""Stopping an answer closes the model server's connection, also without Valkey."""

from contextlib import AbstractContextManager, nullcontext
from time import monotonic

import pytest

from tests.faults.conftest import Stage
from tests.faults.waiting import is_begun_well, until, until_over, until_streaming
from tests.faults.world import dead, hung

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(180)]
# One second is the promise; the other second is for a test machine that does more than this.
_LIMIT_S = 2.0


def trouble(stage: Stage, kind: str) -> AbstractContextManager[None]:
    """What is wrong with Valkey meanwhile."""
    if kind == "well":
        return nullcontext()
    return dead(stage.stack, "valkey") if kind == "dead" else hung(stage.stack, "valkey")


@pytest.mark.parametrize("valkey", ["well", "dead", "hung"])
async def test_stop_hangs_up_on_the_model_server_and_keeps_the_text(stage: Stage, valkey: str) -> None:
    async with stage.client() as client:
        turn = client.send(f"Stop me while Valkey is {valkey}")
        await until_streaming([turn])
        before = len(stage.models.report()["disconnects"])

        with trouble(stage, valkey):
            asked = monotonic()
            client.stop(turn)
            await until(lambda: len(stage.models.report()["disconnects"]) > before, "the stream goes on")
            took_s = monotonic() - asked

        await until_over([turn])
        stored = stage.stored(turn)
        print(f"Valkey {valkey}: hung up after {took_s * 1000:.0f} ms")
        assert took_s < _LIMIT_S
        assert (stored.run_state, stored.answer_state) == ("cancelled", "cancelled")
        assert turn.run is not None
        assert turn.run.state == "cancelled"
        assert len(stored.answer or "") >= 100
        assert is_begun_well(turn, stage.models.tokens)


async def test_a_message_withdrawn_before_its_turn_ends_on_the_page_that_follows_it(stage: Stage) -> None:
    async with stage.client() as client:
        first = client.send("Answer me first")
        second = client.send("Withdraw me before my turn", after=first)
        await until_streaming([first])
        await until(second.acked.is_set, "the second message was not accepted")

        client.stop(second)

        await until_over([first, second])

    assert second.run is not None
    assert (second.run.state, second.run.text) == ("cancelled", "")
    assert stage.stored(second).run_state == "cancelled"
    assert stage.stored(first).run_state == "complete"
