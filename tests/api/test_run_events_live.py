"""Events over real HTTP from a real server: cut, resumed, and carried across a worker's death."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.doubles.texts import expected_text
from tests.faults.world import ModelServer, add_model_server, add_person, wait_until_ready
from tests.support.events import StreamedEvent, text_of
from tests.support.prepared import prepared_stack
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]
# Four seconds an answer: time to cut, to kill and to come back while it is written.
TOKENS, RATE = 400, 100.0


@dataclass(frozen=True)
class Program:
    """A program with a key, talking to a running Olympus."""

    stack: Stack
    key: str

    @contextmanager
    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        """Ask, leave the answer to be read, and hang up."""
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=30)
        named = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        try:
            connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, named)
            with connection.getresponse() as answer:
                yield answer
        finally:
            connection.close()

    def start(self, text: str) -> str:
        """Start a run."""
        with self.ask("POST", "runs", {"text": text}) as answer:
            assert answer.status == 202
            run: str = json.load(answer)["run"]
            return run

    def events(self, run: str, after: int = 0) -> Iterator[StreamedEvent]:
        """Follow a run line by line as it comes; closing the iterator hangs up."""
        with self.ask("GET", f"runs/{run}/events", **{"Last-Event-ID": str(after)}) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream")
            fields: dict[str, str] = {}
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    yield StreamedEvent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
                    fields = {}


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """A stack, a model server and a key."""
    with ModelServer(tokens=TOKENS, rate=RATE) as models, prepared_stack(env={"OLYMPUS_DRAIN_S": "1"}) as stack:
        key = add_person(stack)
        add_model_server(stack, models.url)
        yield Program(stack, key)


def some(events: Iterator[StreamedEvent], count: int) -> list[StreamedEvent]:
    """Read some events and hang up."""
    found = [next(events) for _ in range(count)]
    events.close()  # type: ignore[attr-defined]  # a generator
    return found


def test_events_come_while_the_answer_is_written(program: Program) -> None:
    run = program.start("As it comes")

    events = program.events(run)
    first = some(events, 5)
    with program.ask("GET", f"runs/{run}") as answer:
        meanwhile = json.load(answer)

    assert first[-1].event in {"token", "state"}
    assert not meanwhile["is_over"]


def test_an_answer_cut_again_and_again_is_whole(program: Program) -> None:
    run = program.start("Cut me")

    events: list[StreamedEvent] = []
    for _ in range(4):
        events += some(program.events(run, events[-1].id if events else 0), 20)
    events += list(program.events(run, events[-1].id))

    assert text_of(events) == expected_text("Cut me", TOKENS)
    assert events[-1].event == "complete"
    seen = [event.id for event in events if event.event != "snapshot"]
    assert len(seen) == len(set(seen))


def test_a_stream_outlives_the_worker(program: Program) -> None:
    run = program.start("Killed midway")
    events = program.events(run)
    read = [next(events) for _ in range(20)]

    pid = program.stack.kill("worker")
    read += list(events)
    program.stack.wait_until_replaced("worker", pid)
    wait_until_ready(program.stack)

    # Whole, or ended with what was kept: never a hole, never something said twice.
    whole = expected_text("Killed midway", TOKENS)
    kept = text_of(read)
    assert read[-1].event in {"complete", "error"}
    assert whole.startswith(kept)
    assert kept == whole or read[-1].event == "error"
