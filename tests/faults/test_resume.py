"""A page that asks for its run again and again, on the same line, is never shown less than it had."""

import asyncio

import pytest

from tests.doubles.texts import expected_text
from tests.faults.conftest import Stage
from tests.faults.waiting import until_over, until_streaming

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(180)]


async def test_resuming_on_a_living_line_takes_nothing_back(stage: Stage) -> None:
    async with stage.client() as client:
        turns = [client.send(f"Resume me again and again, {n}") for n in range(5)]
        await until_streaming(turns)
        while not all(turn.over.is_set() for turn in turns):
            for turn in turns:
                assert turn.run is not None
                turn.run.seq = 0  # as a page that was reloaded: it wants a snapshot
                client.resume(turn.run.run_id)
            await asyncio.sleep(0.02)
        await until_over(turns)

    for turn in turns:
        assert turn.run is not None
        assert turn.run.text == expected_text(turn.text, stage.models.tokens)
        assert turn.run.taken_back == 0
