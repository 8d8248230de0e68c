"""The pytest plugin that gives a test run its own Postgres and Valkey.

Loaded by `-p olympus.runtime.testing`, because pytest-django reads the settings before any conftest.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from olympus.runtime.embedded import CannotRun, Postgres, Valkey
from olympus.runtime.process import Child, Program

_PREFIX = "olympus-test-"
_OUTSIDE = (
    "PUBLIC_URL",
    "SENTRY_DSN",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "METRICS_TOKEN",
    "TRUSTED_PROXIES",
    "PROMETHEUS_MULTIPROC_DIR",
    "OLLAMA_HOST",
    "OPENAI_BASE_URL",
    "OPENAI_API_KEY",
    "SECRET_KEY_FALLBACKS",
    "LOG_LEVEL",
)
_READY_LIMIT_S = 60.0


def _begin() -> None:
    """Postgres is shared; each xdist worker has a Valkey of its own, since PUBLISH knows no databases."""
    folder = _make_folder()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _set_environment(folder)
        postgres = Postgres(folder / "postgres", _sub_folder(folder, "sockets"), durable=False)
        postgres.prepare()
        _run(postgres.program(), postgres.is_ready, folder)
        postgres.create_database()
        os.environ["DATABASE_URL"] = postgres.url
    valkey = Valkey(_sub_folder(folder, "valkey"))
    _run(valkey.program(), valkey.is_ready, folder)
    os.environ["REDIS_URL"] = valkey.url
    os.environ["OLYMPUS_DATA"] = str(_sub_folder(folder, "data"))


def _set_environment(folder: Path) -> None:
    for name in _OUTSIDE:
        os.environ.pop(name, None)
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    os.environ["OLYMPUS_AUTODETECT"] = "0"
    os.environ["DJANGO_SETTINGS_MODULE"] = "olympus.settings"


def _run(program: Program, is_ready: Callable[[], bool], folder: Path) -> None:
    child = Child(program, folder / f"{program.name}.log")
    child.start()
    atexit.register(child.stop)
    end = time.monotonic() + _READY_LIMIT_S
    while not is_ready():
        if child.status() is not None or time.monotonic() > end:
            raise CannotRun(f"{program.name} did not start:\n{child.log.read_text()}")
        time.sleep(0.02)


def _make_folder() -> Path:
    """A temporary folder named after this process, so that the next run can remove what a killed one left."""
    for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = old.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and old.stat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)  # under root another account runs Postgres and must pass through
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _sub_folder(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(mode=0o700)
    return made


def _end_politely(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


signal.signal(signal.SIGTERM, _end_politely)  # so that atexit runs
_begin()
