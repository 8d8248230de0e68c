"""A stack that runs: what it says, who may join it, and what it does when a part dies."""

import re
import signal
import stat
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.runtime.conftest import Fetch
from tests.support.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One stack for the whole file; every test leaves it running."""
    with Stack() as running:
        yield running


def wait_until_ready(stack: Stack, fetch: Fetch) -> None:
    """Ask until everything is back."""
    end = time.monotonic() + 30
    status: object = None
    while time.monotonic() < end:
        try:
            status = fetch(f"{stack.url}readyz")
            if status[0] == 200:
                return
        except OSError as problem:
            status = problem
        time.sleep(0.1)
    pytest.fail(f"not ready: {status}\n{stack.output}")


def test_it_prints_its_address_and_the_owners_link(stack: Stack) -> None:
    lines = stack.output.splitlines()

    assert f"Olympus is ready at http://localhost:{stack.port}/" in lines
    assert re.fullmatch(rf"http://localhost:{stack.port}/welcome/[\w-]+/", stack.owner_link or "")


def test_it_is_alive_and_names_everything_it_needs(stack: Stack, fetch: Fetch) -> None:
    wait_until_ready(stack, fetch)

    alive, ready = fetch(f"{stack.url}healthz"), fetch(f"{stack.url}readyz")

    assert alive == (200, {"status": "ok"})
    assert ready[0] == 200
    assert {"postgres", "valkey", "worker"} <= set(ready[1]["checks"])
    assert all(check == {"ok": True, "reason": ""} for check in ready[1]["checks"].values())


def test_it_knows_who_calls(stack: Stack) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    address = f"{stack.url}accounts/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(address).read().decode())
    assert token is not None
    form = urlencode({"login": "nobody@example.org", "password": "wrong", "csrfmiddlewaretoken": token[1]})

    browser.open(urllib.request.Request(address, form.encode(), {"Referer": address}))

    query = (
        "from olympus.kernel.models import AuditEntry as A; print(list(A.objects.values_list('address', flat=True)))"
    )
    assert "127.0.0.1" in stack.manage("shell", "-c", query).stdout


def test_its_run_file_is_for_its_owner_only(stack: Stack) -> None:
    path = stack.data / "run.json"

    mode = stat.S_IMODE(path.stat().st_mode)

    assert mode == 0o600
    assert stack.run_file()["env"].keys() >= {"DATABASE_URL", "REDIS_URL", "OLYMPUS_PORT", "OLYMPUS_DATA"}


def test_commands_join_it(stack: Stack) -> None:
    done = stack.manage("showmigrations", "kernel")

    assert done.returncode == 0, done.stderr
    assert "[X] 0001_initial" in done.stdout


def test_a_second_start_on_the_same_data_is_refused(stack: Stack) -> None:
    second = Stack(stack.data)
    second.launch()

    status = second.process.wait(30) if second.process else None

    assert status == 1
    assert "already running" in second.output
    second.close()


@pytest.mark.parametrize("name", ["web", "worker", "valkey", "postgres"])
def test_a_killed_child_is_started_again(stack: Stack, fetch: Fetch, name: str) -> None:
    old = stack.kill(name, signal.SIGKILL)

    stack.wait_until_replaced(name, old)

    wait_until_ready(stack, fetch)
    assert old not in stack.processes()
    assert f"{name} was ended by SIGKILL; starting it again" in stack.output


def test_a_killed_worker_takes_its_scheduler_with_it(stack: Stack) -> None:
    old_scheduler = scheduler(stack)

    stack.wait_until_replaced("worker", stack.kill("worker"))

    assert scheduler(stack) != old_scheduler
    assert old_scheduler not in stack.processes()


def scheduler(stack: Stack) -> int:
    """The one process the worker has forked, once it has."""
    end = time.monotonic() + 20
    found: list[int] = []
    while time.monotonic() < end and len(found) != 1:
        time.sleep(0.1)
        worker = stack.pids()["worker"]
        found = [pid for pid in stack.processes() if parent(pid) == worker]
    assert len(found) == 1, found
    return found[0]


def parent(pid: int) -> int:
    """The process that started this one; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
