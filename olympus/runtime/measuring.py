"""Where the processes of one start keep what they count, see olympus/kernel/metrics.py."""

import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

_MARK = "in-use"
_UNFINISHED = ".new-"


def begin_metrics(data: Path) -> Mapping[str, str]:
    """This will make a folder for this start and name it to its processes; those of starts that are over are removed.

    The folder is this start's for as long as this process lives, or what it becomes: several starts,
    on one machine or on many, may share the data.
    """
    folders = data / "metrics"
    folders.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_left(folders)
    name = f"{socket.gethostname().replace('/', '-')}-{secrets.token_hex(4)}"
    # Marked before others see it: one without a lock is nobody's.
    unfinished = folders / f"{_UNFINISHED}{name}"
    unfinished.mkdir(mode=0o700)
    mark = os.open(unfinished / _MARK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(mark, fcntl.LOCK_EX)
    os.set_inheritable(mark, True)  # noqa: FBT003 - as Python names it; `serve` becomes another program
    return {"PROMETHEUS_MULTIPROC_DIR": str(unfinished.rename(folders / name))}


def _remove_left(folders: Path) -> None:
    for folder in folders.glob("[!.]*"):
        try:
            mark = os.open(folder / _MARK, os.O_RDWR)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # whoever it belongs to lives
        finally:
            os.close(mark)
