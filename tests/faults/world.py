"""The stage of the fault tests: the real stack, a model server in its own process, people with sockets."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import redis

from olympus.runtime.places import ROOT
from olympus.runtime.process import die_with_parent
from tests.support.socket import key_headers, session_headers
from tests.support.stack import Stack

EMAIL = "theseus@example.org"
PASSWORD = "a mountain of marble"
# Two seconds an answer: long enough that most faults hit several, short enough for many turns.
TOKENS, RATE = 300, 150.0


class ModelServer:
    """`python -m tests.doubles.fake_ollama`; a context manager."""

    def __init__(self, *, tokens: int = TOKENS, rate: float = RATE) -> None:
        self.tokens, self.rate = tokens, rate

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.doubles.fake_ollama"]
        command += ["--tokens", str(self.tokens), "--rate", str(self.rate)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, preexec_fn=die_with_parent(signal.SIGKILL)
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def kill(self) -> None:
        """This will end it in the middle of whatever it says."""
        self._process.kill()
        self._process.wait(10)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def play(self, *, fault: str = "", fault_at: int = 0) -> None:
        """This will have the answers that begin from now on go wrong like this, or not at all."""
        self.post("/_script", tokens=self.tokens, rate=self.rate, fault=fault, fault_at=fault_at)

    def post(self, path: str, **body: object) -> None:
        """This will tell it something that only a double understands."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def report(self) -> dict[str, Any]:
        """This will tell what it was asked and who hung up."""
        with urllib.request.urlopen(f"{self.url}/_requests", timeout=10) as answer:
            content: dict[str, Any] = json.load(answer)
        return content


def add_person(stack: Stack) -> str:
    """This will make the person of these tests, an owner, and return an API key of theirs."""
    made = stack.manage("create_user", "--email", EMAIL, "--password-stdin", "--owner", stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    key = stack.manage("create_api_key", "--user", EMAIL, "--name", "faults", "--scopes", "read,write,admin")
    assert key.returncode == 0, key.stderr
    return key.stdout.strip()


def add_model_server(stack: Stack, url: str) -> None:
    """This will connect the model server; its `fake:latest` becomes the default model."""
    added = stack.manage("add_provider", "--kind", "ollama", "--name", "Fake", "--url", url)
    assert added.returncode == 0, added.stderr
    assert "3 models" in added.stdout, added.stdout + added.stderr


def headers_of_program(key: str) -> dict[str, str]:
    """This will give the headers of a socket opened by a program."""
    return key_headers(key)


def headers_of_page(stack: Stack) -> dict[str, str]:
    """This will sign in and give the headers of a socket opened by a page."""
    return session_headers(stack.url, EMAIL, PASSWORD)


def readiness(stack: Stack) -> dict[str, bool]:
    """This will read /readyz: what it names and whether that is there; empty while nobody answers."""
    try:
        with urllib.request.urlopen(f"{stack.url}readyz", timeout=10) as answer:
            content = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            content = json.load(error)
    except (OSError, ValueError):
        return {}
    return {name: check["ok"] for name, check in content["checks"].items()}


def wait_until_ready(stack: Stack, *, timeout_s: float = 60.0) -> None:
    """This will wait until all that /readyz names is there."""
    end = time.monotonic() + timeout_s
    while not (named := readiness(stack)) or not all(named.values()):
        assert time.monotonic() < end, f"not ready after {timeout_s} s: {named}\n{stack.output}"
        time.sleep(0.05)


def database(stack: Stack) -> "psycopg.Connection[tuple[Any, ...]]":
    """This will open the stack's database."""
    return psycopg.connect(stack.run_file()["env"]["DATABASE_URL"], autocommit=True)


def valkey(stack: Stack) -> redis.Redis:
    """This will open the stack's Valkey."""
    return redis.Redis.from_url(stack.run_file()["env"]["REDIS_URL"], socket_timeout=5)


def family(pid: int) -> list[int]:
    """This will list a process and all below it."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


@contextmanager
def hung(stack: Stack, name: str) -> Iterator[None]:
    """This will hold a process and all below it still while the block runs."""
    pids = family(stack.pids()[name])
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextmanager
def dead(stack: Stack, name: str) -> Iterator[None]:
    """This will kill a process, each time it is started again, while the block runs."""
    is_over = threading.Event()

    def keep_killing() -> None:
        while not is_over.wait(0.02):
            with suppress(ProcessLookupError):
                stack.kill(name)

    killer = threading.Thread(target=keep_killing)
    killer.start()
    try:
        yield
    finally:
        is_over.set()
        killer.join()
