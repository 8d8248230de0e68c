"""Where the processes of one start keep what they count, see olympus/kernel/metrics.py."""

import shutil
import socket
from collections.abc import Mapping
from pathlib import Path


def metrics_environment(data: Path) -> Mapping[str, str]:
    """This will name this machine's folder to the processes."""
    return {"PROMETHEUS_MULTIPROC_DIR": str(_folder(data))}


def clean_metrics(data: Path) -> None:
    """This will begin anew: what an earlier start counted is not this one's. Call it before any process runs."""
    folder = _folder(data)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _folder(data: Path) -> Path:
    return data / "metrics" / (socket.gethostname().replace("/", "-") or "here")
