"""Who may start Olympus: an ordinary user too, with the default port taken."""

import os
import pwd
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.runtime.conftest import Fetch
from tests.support.stack import Stack

pytestmark = pytest.mark.stack
_DEFAULT_PORT = 8000


@pytest.fixture
def ordinary_user(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """A command that becomes an ordinary user, and a folder of theirs."""
    folder = Path("/tmp") / f"olympus-user-{os.getpid()}"
    folder.mkdir(mode=0o700)
    if os.getuid() != 0:
        return [], folder
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    # The checkout and its Python may lie below /root: reading is allowed, as it would be in a checkout of their own.
    may_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    return ["setpriv", "--reuid", "nobody", "--regid", str(account.pw_gid), "--clear-groups", *may_read, "--"], folder


@pytest.fixture
def taken_default_port() -> Iterator[None]:
    """Somebody else listens on 8000."""
    with ExitStack() as open_things:
        with suppress(OSError):  # then it is taken already
            taken = open_things.enter_context(socket.socket())
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", _DEFAULT_PORT))
            taken.listen()
        yield


@pytest.mark.usefixtures("taken_default_port")
def test_an_ordinary_user_gets_the_next_free_port(ordinary_user: tuple[list[str], Path], fetch: Fetch) -> None:
    prefix, folder = ordinary_user
    try:
        with Stack(folder / "data", arguments=(), command_prefix=prefix) as stack:
            ready = fetch(f"http://127.0.0.1:{stack.port}/readyz")

            assert ready[0] == 200
            assert stack.port > _DEFAULT_PORT
            assert {Path(f"/proc/{pid}").stat().st_uid for pid in stack.pids().values()} == {folder.stat().st_uid}
    finally:
        shutil.rmtree(folder)


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stack = Stack(tmp_path / "data", arguments=("--port", str(port)))
        stack.launch()
        status = stack.process.wait(30) if stack.process else None

    assert status == 1
    assert f"Port {port} at 127.0.0.1 cannot be used" in stack.output
    assert stack.processes() == set()
    stack.close()
