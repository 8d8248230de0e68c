"""Keeps a list of programs running, in order, until it is told to stop."""

import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from olympus.runtime.logs import LogTail
from olympus.runtime.process import Child, Program

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_EVERY_S = 0.5
_QUICK_DEATH_S = 10.0  # a program that lived longer had started; its end is news, not a habit
_QUICK_DEATHS_ALLOWED = 5
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0


class Stopped(Exception):
    """The user asked to stop."""


class Failed(Exception):
    """The stack cannot run; the text says why."""


class Supervisor:
    """The children by name, in the order they were started."""

    def __init__(self, logs: Path, on_change: Callable[[], None]) -> None:
        self.children: list[Child] = []
        self._logs, self._on_change = logs, on_change
        self._tails: list[LogTail] = []
        self._quick_deaths: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._signals = 0
        self._wake, wake_writer = socket.socketpair()
        wake_writer.settimeout(0)
        signal.set_wakeup_fd(wake_writer.detach(), warn_on_full_buffer=False)
        for number in _STOP_SIGNALS:
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that a death wakes the loop

    def start(self, program: Program) -> Child:
        """This will start a program that is to run until the end."""
        child = Child(program, self._logs / f"{program.name}.log")
        self._tails.append(LogTail(program.name, child.log))
        child.start()
        self.children.append(child)
        return child

    def wait_for(self, is_ready: Callable[[], bool], what: str, limit_s: float, step_s: float = 0.03) -> None:
        """This will wait until something is ready, reviving what dies meanwhile.

        Raises:
            Stopped: the user asked to stop.
            Failed: it took too long, or a child keeps dying.
        """
        end = time.monotonic() + limit_s
        while not is_ready():
            self._turn(step_s)
            if time.monotonic() > end:
                raise Failed(f"{what} was not ready after {limit_s:.0f} s; see {self._logs}")

    def run(self) -> None:
        """This will keep the children alive until the user asks to stop.

        Raises:
            Stopped: the user asked to.
            Failed: a child keeps dying.
        """
        while True:
            self._turn(_LOOK_EVERY_S)

    def stop(self) -> None:
        """This will end the children, the last started first; a second signal makes it short."""
        asked = self._signals
        for child in reversed(self.children):
            child.stop(is_hurried=lambda: self._signals > max(asked, 1))

    def check_stop(self) -> None:
        """This will raise Stopped once a signal has come."""
        if self._signals:
            raise Stopped

    def _turn(self, wait_s: float) -> None:
        self.check_stop()
        readable, _, _ = select.select([self._wake], [], [], wait_s)
        if readable:
            self._wake.recv(4096)
        self.check_stop()
        for child in self.children:
            self._look_after(child)
        for tail in self._tails:
            for line in tail.warnings():
                report(f"{tail.name}: {line}")

    def _look_after(self, child: Child) -> None:
        name, now = child.program.name, time.monotonic()
        if name in self._due:
            if now >= self._due[name]:
                del self._due[name]
                child.start()
                self._on_change()
            return
        status = child.status()
        if status is None:
            return
        child.sweep()
        pause_s = self._pause_after(child, status, now - child.started_at)
        report(f"{name} {describe(status)}; starting it again")
        self._due[name] = now + pause_s

    def _pause_after(self, child: Child, status: int, lived_s: float) -> float:
        name = child.program.name
        deaths = self._quick_deaths.get(name, 0) + 1 if lived_s < _QUICK_DEATH_S else 0
        if status == -signal.SIGKILL:
            deaths = min(deaths, 1)  # somebody else did it: not the program's own failing
        self._quick_deaths[name] = deaths
        if deaths > _QUICK_DEATHS_ALLOWED:
            raise Failed(
                f"{name} keeps failing ({describe(status)}):\n{last_lines(child.log)}\nAll of it is in {child.log}"
            )
        return float(min(_SHORTEST_PAUSE_S * 2 ** max(deaths - 1, 0), _LONGEST_PAUSE_S))

    def _on_stop_signal(self, *_: object) -> None:
        self._signals += 1


def describe(status: int) -> str:
    """This will say how a process ended."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


def last_lines(log: Path, count: int = 15) -> str:
    """This will return the end of a log, for a message about a failure."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-count:])


def report(text: str) -> None:
    """This will print a line; a terminal that is gone keeps nobody from stopping in order."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        return
