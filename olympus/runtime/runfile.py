"""DATA/run.json: where the running stack listens, for bin/manage and for tests."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_NAME = "run.json"
_LOCK = "up.lock"


class AlreadyRunning(Exception):
    """Another bin/up holds this data folder."""


@contextlib.contextmanager
def held(data: Path) -> Iterator[None]:
    """This will hold the data folder for this process alone; the kernel lets go when the process ends.

    Raises:
        AlreadyRunning: another stack uses it.
    """
    handle = os.open(data / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield
        (data / _NAME).unlink(missing_ok=True)
    finally:
        os.close(handle)


def write(data: Path, content: Mapping[str, Any]) -> None:
    """This will replace run.json in one step; only its owner may read it, since addresses hold passwords."""
    fresh = data / f"{_NAME}.new"
    handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=1)
    fresh.rename(data / _NAME)


def read(data: Path) -> dict[str, Any] | None:
    """This will read run.json if the stack that wrote it runs, else None."""
    content = read_left_over(data)
    if content is None:
        return None
    handle = os.open(data / _LOCK, os.O_RDONLY)
    try:
        # A stack killed outright leaves the file but not the lock. Shared, so two readers do not meet.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return content
    finally:
        os.close(handle)
    return None


def read_left_over(data: Path) -> dict[str, Any] | None:
    """This will read what an earlier stack on this folder wrote and had no chance to remove."""
    try:
        content: dict[str, Any] = json.loads((data / _NAME).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return content


def read_environment(data: Path) -> dict[str, str] | None:
    """This will return the variables a command needs to join the running stack."""
    content = read(data)
    return None if content is None else dict(content["env"])
