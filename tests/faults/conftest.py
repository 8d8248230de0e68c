"""A stack with a person and a model server, shared by the tests that leave it running."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.verifying import StoredTurn, stored_turns
from tests.faults.world import ModelServer, add_model_server, add_person, headers_of_program, wait_until_ready
from tests.support.prepared import prepared_stack
from tests.support.socket import SocketClient, Turn
from tests.support.stack import Stack

SCRAPER = "a word a scraper knows"
_ENV = {"OLYMPUS_DRAIN_S": "1", "METRICS_TOKEN": SCRAPER}


@dataclass(frozen=True)
class Stage:
    """What a test plays on."""

    stack: Stack
    models: ModelServer
    key: str

    def client(self) -> SocketClient:
        """A program's socket."""
        return SocketClient(self.stack.url, headers_of_program(self.key))

    def stored(self, turn: Turn) -> StoredTurn:
        """What the database has of a turn; it must have it once."""
        rows = stored_turns(self.stack).get(turn.text, [])
        assert len(rows) == 1, (turn.text, rows)
        return rows[0]


@pytest.fixture(scope="session")
def _running() -> Iterator[Stage]:
    with ModelServer(tokens=400, rate=100) as models, prepared_stack(env=_ENV) as stack:
        key = add_person(stack)
        add_model_server(stack, models.url)
        yield Stage(stack, models, key)


@pytest.fixture
def stage(_running: Stage) -> Iterator[Stage]:
    """The shared stack, all well before the test; it must be all well soon after it."""
    wait_until_ready(_running.stack)
    yield _running
    wait_until_ready(_running.stack)
