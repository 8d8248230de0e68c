"""Child processes that cannot outlive their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_STEP_S = 0.02
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sig: int) -> Callable[[], None]:
    """This will make a `preexec_fn`: the kernel sends `sig` to the child when this process dies, however it dies.

    The kernel watches the thread that forked, so start children from a thread that stays.
    """
    parent = os.getpid()

    def arm() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(sig))
        if os.getppid() != parent:  # it died between the fork and the call above
            os.kill(os.getpid(), signal.SIGKILL)

    return arm


@dataclass
class Program:
    """What to run and how to end it. It does not start beside `lock_files` that are empty."""

    name: str
    argv: Sequence[str]
    env: dict[str, str] | None = None
    cwd: Path | str = "/"
    user: tuple[int, int] | None = None
    pass_fds: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    last_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 10.0
    lock_files: tuple[Path, ...] = ()


@dataclass
class Child:
    """A program that runs, in a process group of its own so that Ctrl-C in a terminal reaches only us."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = field(default=0.0)

    def start(self) -> None:
        """This will run the program; what it prints is appended to the log."""
        program = self.program
        for lock_file in filter(_is_empty, program.lock_files):
            lock_file.unlink()
        account: dict[str, Any] = {}
        if program.user is not None:
            account = {"user": program.user[0], "group": program.user[1], "extra_groups": []}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=program.env,
                cwd=program.cwd,
                pass_fds=program.pass_fds,
                start_new_session=True,
                umask=0o077,
                preexec_fn=die_with_parent(program.orphan_signal),
                **account,
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int:
        """The process id of the last start."""
        return self.process.pid if self.process else 0

    def status(self) -> int | None:
        """This will return None while the program runs, else how it ended."""
        return self.process.poll() if self.process else None

    def stop(self, *, is_hurried: Callable[[], bool] = lambda: False) -> None:
        """This will ask the program to end, wait its grace time or until hurried, then insist.

        Its own children go with it.
        """
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)
            end = time.monotonic() + self.program.grace_s
            while self.process.poll() is None and time.monotonic() < end and not is_hurried():
                time.sleep(_STEP_S)
            if self.process.poll() is None:
                self.process.send_signal(self.program.last_signal)
                self.process.wait()
        self.sweep()

    def sweep(self) -> None:
        """This will kill what the ended program left behind in its process group."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def _is_empty(lock_file: Path) -> bool:
    """Whether somebody was killed between making it and writing into it; nobody else uses our data folder."""
    try:
        return lock_file.stat().st_size == 0
    except FileNotFoundError:
        return False
