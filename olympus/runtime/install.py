"""The Python environment: made once, then only when a lock file changed. Standard library only."""

import fcntl
import hashlib
import importlib.util
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from olympus.runtime.places import PYTHON, ROOT, VENV

# What pip may have been told about where packages come from, and how uv spells it.
_PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
_one_thread = Lock()


class SetUpFailed(Exception):
    """Olympus could not be set up; the text says what to do."""


def install_packages(*, with_tools: bool) -> None:
    """This will make .venv and install exactly what the lock files say; with the tools of a developer if asked."""
    lock = ROOT / ("requirements-dev.txt" if with_tools else "requirements.txt")
    once(lock.stem, [lock], lambda: install_locked(lock), "Installing Python packages")


def install_locked(lock: Path) -> None:
    """This will install a lock file's packages into .venv, each checked against its hash."""
    install_uv()
    _must(uv(["pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock]))


def install_uv() -> None:
    """This will put uv into .venv: it installs several times as fast as pip and writes the lock files."""
    _make_environment()
    installer = ROOT / "requirements-uv.txt"
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    command += ["-r", str(installer)]
    with _one_thread:  # packages and Node are installed side by side, and each needs uv first
        once("uv", [installer], lambda: _must(call(command)), "Installing uv")


def once(name: str, sources: Sequence[Path], work: Callable[[], None], title: str, *, stamps: Path = VENV) -> None:
    """This will do the work unless it was done for these very files."""
    stamp = stamps / f"olympus-{name}.done"
    wanted = _fingerprint(sources)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    start = time.monotonic()
    say(f"{title} …")
    work()
    stamps.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    say(f"{title}: done in {time.monotonic() - start:.0f} s")


def call(
    command: Sequence[str | Path], *, quiet: bool = False, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> int:
    """This will run a program and return its status."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], check=False, cwd=cwd, env=env, stdout=output).returncode


def say(text: str) -> None:
    """This will tell the user where the set-up stands."""
    sys.stderr.write(f"olympus: {text}\n")
    sys.stderr.flush()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """This will keep two set-ups of one checkout from stepping on each other."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def side_by_side(work: Sequence[Callable[[], None]]) -> None:
    """This will do independent parts of the set-up at once: each mostly waits for the network."""
    _make_environment()
    with ThreadPoolExecutor(len(work)) as pool:
        for result in [pool.submit(part) for part in work]:
            result.result()


def uv_environment() -> dict[str, str]:
    """This will give uv the package sources pip is configured with; what is set for uv itself wins."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True, cwd=ROOT
    ).stdout
    environment = {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_LINK_MODE": "copy",
    }  # pip's own choice; hashes decide what is taken
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = _PIP_TO_UV.get(key.rpartition(".")[2])
        if name and value:
            environment[name] = " ".join(shlex.split(value)).replace("\\n", " ").strip()
    return {**environment, **os.environ}


def uv(arguments: Sequence[str | Path], *, quiet: bool = False) -> int:
    """This will run uv, which lies in .venv."""
    return call([VENV / "bin" / "uv", *arguments], env=uv_environment(), quiet=quiet)


def _make_environment() -> None:
    if PYTHON.exists() and (any(VENV.glob("olympus-*.done")) or _has_pip()):
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetUpFailed(
            f"this Python has no venv. Install it (on Debian and Ubuntu: apt install python{version}-venv) and try again."
        )
    say("Making the Python environment .venv …")
    if call([sys.executable, "-m", "venv", "--clear", VENV]):
        raise SetUpFailed(f"{VENV} could not be made; the lines above say why.")


def _has_pip() -> bool:
    return subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode == 0


def _must(status: int) -> None:
    if status:
        raise SetUpFailed(
            "the Python packages could not be installed; the lines above say why. Is the network reachable?"
        )


def _fingerprint(sources: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
