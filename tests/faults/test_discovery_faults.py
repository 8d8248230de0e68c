"""Scans, proofs and pulls while something dies: each goes on or says why not, and the next one works."""

import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faults.conftest import Stage
from tests.faults.waiting import until
from tests.faults.world import database, family, wait_until_ready

pytestmark = [pytest.mark.faults, pytest.mark.stack, pytest.mark.timeout(180)]

_LOOK_AT = "from olympus.kernel.options import change_option; change_option('discovery.addresses', [{!r}])"


class Door:
    """The REST operations with the owner's key."""

    def __init__(self, stage: Stage) -> None:
        self._root, self._key = f"{stage.stack.url}api/v1/", stage.key

    def read(self, path: str) -> dict[str, Any]:
        """What is there; nothing while it cannot be told."""
        status, content = self._ask("GET", path)
        return content if status == 200 else {}

    def send(self, path: str, **body: Any) -> dict[str, Any]:
        """What came of it; it must be accepted."""
        status, content = self._ask("POST", path, body)
        assert status in (200, 201, 202), content
        return content

    def state(self, path: str, name: str = "state") -> str:
        """How far it is; nothing while it cannot be told."""
        return str(self.read(path).get(name, ""))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._root + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {"refused": error.read()}
        except OSError as error:
            return 0, {"refused": str(error)}


@pytest.fixture
def door(stage: Stage) -> Door:
    """The way in."""
    return Door(stage)


@pytest.fixture(scope="module")
def place(_running: Stage) -> int:
    """A port that scans are told of."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    done = _running.stack.manage("shell", "-v", "0", "-c", _LOOK_AT.format(f"http://127.0.0.1:{port}"))
    assert done.returncode == 0, done.stdout + done.stderr
    return port


@contextmanager
def silence(port: int) -> Iterator[None]:
    """Somebody listens there and never says a word: a scan is held up for seconds."""
    with socket.create_server(("127.0.0.1", port), backlog=1024):
        yield


@contextmanager
def at_work(stage: Stage, door: Door, port: int, name: str) -> Iterator[tuple[str, str]]:
    """A scan and a pull in the middle: where to read of each."""
    provider = door.read("providers")["results"][0]["id"]
    stage.models.post("/_pull", step_s=0.2)
    with silence(port):
        pull = f"models/pulls/{door.send('models/pulls', provider=provider, model=name)['id']}"
        scan = f"scans/{door.send('scans')['id']}"
        yield scan, pull


async def test_what_a_killed_worker_was_at_goes_on_or_says_why_not(stage: Stage, door: Door, place: int) -> None:
    service = f"services/{await of_the_model_server(stage, door)}"
    stage.models.play(fault="silence")
    door.send(f"{service}/test")
    with at_work(stage, door, place, "midway:1b") as (scan, pull):
        await until(lambda: door.state(scan) == "running" and door.read(pull)["done_bytes"], "nothing is at work")
        await until(lambda: door.read(service)["proof"].get("tries") == 1, "it is not tested")
        pid = stage.stack.kill("worker")
        stage.stack.wait_until_replaced("worker", pid)
        stage.models.play()
        let_time_pass(stage)
        await until(lambda: door.state(scan) == "interrupted", "the scan is said to run")
    again = f"scans/{door.send('scans')['id']}"
    await until(lambda: door.state(again) == "done", "no scan works any more")
    await until(lambda: door.state(pull) == "complete", "the pull did not go on")
    await until(lambda: door.state(service, "proof_state") == "passed", "it was not tested again")

    assert door.read(scan)["error"]


async def of_the_model_server(stage: Stage, door: Door) -> str:
    """The id of the entry that a scan makes of the model server in use."""
    scan = f"scans/{door.send('scans')['id']}"
    await until(lambda: door.state(scan) == "done", "no scan ends")
    return next(row["id"] for row in door.read("services")["results"] if row["url"] == stage.models.url)


def let_time_pass(stage: Stage) -> None:
    """Half a minute without a word of who brought the model."""
    with database(stage.stack) as connection:
        connection.execute("UPDATE inference_modeljob SET heartbeat_at = now() - interval '1 minute'")


async def test_stores_that_are_killed_lose_neither_a_scan_nor_a_pull(stage: Stage, door: Door, place: int) -> None:
    with at_work(stage, door, place, "unstored:1b") as (scan, pull):
        await until(lambda: door.state(scan) == "running" and door.read(pull)["done_bytes"], "nothing is at work")
        stage.stack.kill("valkey")
        stage.stack.kill("postgres")
        wait_until_ready(stage.stack)
        await until(lambda: door.state(scan) == "done", "the scan was lost")
        await until(lambda: door.state(pull) == "complete", "the pull was lost")

    again = f"scans/{door.send('scans')['id']}"
    await until(lambda: door.state(again) == "done", "no scan works any more")


async def test_a_killed_scheduler_is_replaced_and_finds_what_no_worker_was_told_of(stage: Stage, door: Door) -> None:
    scan = f"scans/{door.send('scans')['id']}"
    await until(lambda: door.state(scan) == "done", "no scan ends")
    worker, *schedulers = family(stage.stack.pids()["worker"])
    for pid in schedulers:
        os.kill(pid, signal.SIGKILL)

    with database(stage.stack) as connection:
        connection.execute("UPDATE discovery_scan SET state = 'waiting' WHERE id = %s", [scan.rpartition("/")[2]])
    await until(lambda: door.state(scan) == "done", "nobody looks for what waits", timeout_s=60)

    assert schedulers
    assert stage.stack.pids()["worker"] == worker
