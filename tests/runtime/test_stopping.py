"""Ctrl-C, kill -9 of the supervisor, and the start after it."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.stack
_DRAIN_S = 1


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose data lies below a closed home, in a long path with spaces."""
    home = tmp_path_factory.mktemp("closed home")
    home.chmod(0o700)
    data = home / "the data of Olympus" / ("a long name " * 9).strip()
    running = Stack(data, env={"OLYMPUS_DRAIN_S": str(_DRAIN_S)})
    yield running
    running.close()


def wait_until_gone(stack: Stack, limit_s: float) -> set[int]:
    """Wait until no process is left, and return those that are."""
    end = time.monotonic() + limit_s
    while stack.processes() and time.monotonic() < end:
        time.sleep(0.05)
    return stack.processes()


def secret_key(stack: Stack) -> str:
    """What was made on the first start and must stay."""
    return (stack.data / "secret.key").read_text()


def test_one_ctrl_c_stops_all_in_order_and_keeps_the_data(stack: Stack) -> None:
    stack.start()
    key = secret_key(stack)
    began = time.monotonic()

    status = stack.stop()

    took_s = time.monotonic() - began
    assert status == 0, stack.output
    assert wait_until_gone(stack, 0.5) == set()
    assert not (stack.data / "run.json").exists()
    assert "database system is shut down" in stack.log("postgres")
    assert secret_key(stack) == key
    assert took_s < 15  # 5 s and the drain are the promise; a busy test machine gets more


def test_everything_lies_in_the_data_folder(stack: Stack) -> None:
    stack.start()

    names = {path.name for path in stack.data.iterdir()}

    assert {"postgres", "log", "secret.key", "run.json"} <= names
    assert Path(f"/proc/{stack.pids()['postgres']}/cwd").readlink() == stack.data / "postgres"
    stack.stop()


def test_nothing_is_left_when_the_supervisor_is_killed(stack: Stack) -> None:
    stack.start()
    sockets = Path(stack.run_file()["sockets"])
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()

    left = wait_until_gone(stack, 10)

    assert left == set()
    assert stack.manage("check").returncode == 1
    stack.start()
    assert not sockets.exists()
    stack.stop()


def test_commands_say_that_nothing_runs(stack: Stack) -> None:
    done = stack.manage("check")

    assert done.returncode == 1
    assert done.stderr == "Olympus is not running: start bin/up first.\n"


@pytest.mark.parametrize("after_s", [0.3, 1.0, 1.8])
def test_ctrl_c_during_the_start_leaves_nothing(stack: Stack, after_s: float) -> None:
    stack.launch()
    time.sleep(after_s)

    status = stack.stop()

    # On a busy machine Python may still be loading, and is ended by the signal itself.
    is_python_loading = "Could not import runpy module" in stack.output
    assert is_python_loading or status in {0, 130, -signal.SIGINT}, stack.output
    assert wait_until_gone(stack, 1) == set()
