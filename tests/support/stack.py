"""A whole private Olympus, started with the real bin/up: for tests and benchmarks."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from olympus.runtime.places import ROOT
from olympus.runtime.process import die_with_parent

_READY = "Olympus is ready at "
_OWNER = "Sign in as the owner: "
# What a test run or a developer's shell sets for itself and a private stack must not inherit.
_NOT_INHERITED = (
    "DATABASE_URL",
    "REDIS_URL",
    "OLYMPUS_DATA",
    "OLYMPUS_PORT",
    "SECRET_KEY",
    "DJANGO_SETTINGS_MODULE",
    "PUBLIC_URL",
    "OLLAMA_HOST",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
    "SENTRY_DSN",
)


class StackError(AssertionError):
    """The stack did not do what it should; the text holds what it printed."""


class Stack:
    """One `bin/up` on a free port with its own data folder; a context manager that starts and stops it.

    `command_prefix` runs it under another program (`setpriv …`); `env` adds variables.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        env: Mapping[str, str] | None = None,
        arguments: Sequence[str] = ("--port", "0"),
        command_prefix: Sequence[str] = (),
        root: Path = ROOT,
    ) -> None:
        self._own_folder = Path(tempfile.mkdtemp(prefix="olympus-stack-")) if data_dir is None else None
        self.data = data_dir or self._own_folder / "data"  # type: ignore[operator]
        self.root, self.arguments, self.command_prefix = root, list(arguments), list(command_prefix)
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        tag = uuid4().hex
        self._tag = f"OLYMPUS_STACK={tag}".encode()
        self.env = {**inherited, "OLYMPUS_STACK": tag, "OLYMPUS_AUTODETECT": "0", **(env or {})}
        self._output = Path(tempfile.mkstemp(prefix="olympus-stack-output-")[1])
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, *, timeout_s: float = 90.0) -> Self:
        """This will start bin/up and wait until it says it is ready."""
        self.launch()
        self.wait_for_output(_READY, timeout_s=timeout_s)
        return self

    def launch(self) -> None:
        """This will start bin/up and return at once."""
        command = [
            *self.command_prefix,
            sys.executable,
            str(self.root / "bin" / "up"),
            "--data",
            str(self.data),
            *self.arguments,
        ]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.env,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    @property
    def output(self) -> str:
        """All that bin/up printed since its last start."""
        return self._output.read_text(errors="replace")

    @property
    def url(self) -> str:
        """Where the pages are: `http://localhost:PORT/`."""
        return str(self.run_file()["url"])

    @property
    def port(self) -> int:
        """The port it listens on, on 127.0.0.1."""
        return int(self.run_file()["env"]["OLYMPUS_PORT"])

    @property
    def owner_link(self) -> str | None:
        """The one-time sign-in link it printed, if it did."""
        return next((line.removeprefix(_OWNER) for line in self.output.splitlines() if line.startswith(_OWNER)), None)

    def wait_for_owner_link(self) -> str:
        """This will wait for the link; where the database was there already it comes after all else."""
        self.wait_for_output(_OWNER, timeout_s=60)
        return self.owner_link or ""

    def run_file(self) -> dict[str, Any]:
        """This will read DATA/run.json."""
        content: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return content

    def pids(self) -> dict[str, int]:
        """This will name the running processes: web, worker, and postgres and valkey if embedded."""
        return dict(self.run_file()["pids"])

    def processes(self) -> set[int]:
        """This will find every process of this stack that lives, also one whose parent is gone."""
        return {pid for pid in _living_pids() if self._is_ours(pid)}

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """This will send a signal to one process and return its pid."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def wait_until_replaced(self, name: str, pid: int, *, timeout_s: float = 20.0) -> int:
        """This will wait until a killed process was started again and return the new pid."""
        self._wait(lambda: self.pids()[name] != pid, f"{name} was not started again", timeout_s)
        return self.pids()[name]

    def wait_for_output(self, text: str, *, timeout_s: float = 30.0) -> None:
        """This will wait until bin/up has printed a text."""
        self._wait(lambda: text in self.output, f"it never printed {text!r}", timeout_s)

    def manage(
        self, *arguments: str, stdin: str | None = None, timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """This will run `bin/manage` against this stack."""
        command = [
            *self.command_prefix,
            sys.executable,
            str(self.root / "bin" / "manage"),
            "--data",
            str(self.data),
            *arguments,
        ]
        return subprocess.run(
            command, check=False, input=stdin, capture_output=True, text=True, env=self.env, timeout=timeout_s
        )

    def log(self, name: str) -> str:
        """This will read what a process wrote to its log."""
        path = self.data / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self, *, timeout_s: float = 30.0) -> int:
        """This will press Ctrl-C and return the status bin/up ends with."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise StackError(f"it did not stop within {timeout_s} s:\n{self.output}") from None

    def close(self) -> None:
        """This will stop it and remove what it left on disk, except a data folder that was given."""
        try:
            self.stop()
        finally:
            self._output.unlink(missing_ok=True)
            if self._own_folder is not None:
                shutil.rmtree(self._own_folder, ignore_errors=True)

    def _is_ours(self, pid: int) -> bool:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            folder = Path(f"/proc/{pid}/cwd").readlink()  # Postgres writes its title over its environment
        except OSError:
            return False
        return self._tag in environment or folder == self.data / "postgres"

    def _wait(self, is_so: Any, complaint: str, timeout_s: float) -> None:
        end = time.monotonic() + timeout_s
        while not is_so():
            if self.process is not None and self.process.poll() is not None:
                raise StackError(f"bin/up ended with status {self.process.returncode}:\n{self.output}")
            if time.monotonic() > end:
                raise StackError(
                    f"{complaint}:\n{self.output}\nweb log:\n{self.log('web')[-2000:]}\nworker log:\n{self.log('worker')[-2000:]}"
                )
            time.sleep(0.05)


def _living_pids() -> list[int]:
    """All processes but those that ended and were not collected yet."""
    pids = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = status.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            pids.append(int(status.parent.name))
    return pids
