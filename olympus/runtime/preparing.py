"""`manage.py prepare` as bin/up runs it, and the note that says when it may wait."""

import hashlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from olympus.runtime.places import PYTHON, ROOT
from olympus.runtime.process import die_with_parent

_NOTE = "olympus.migrated"


class Preparation:
    """One run of `manage.py prepare`: migrations, the owner's link, model servers named in the environment."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [PYTHON, "manage.py", "prepare"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def finish(self, wait: Callable[[Callable[[], bool]], None]) -> tuple[int, str, str]:
        """This will wait by `wait` and return the status, the owner's link if there is one, and what was said."""
        try:
            wait(lambda: self._process.poll() is not None)
        except BaseException:
            self._process.kill()
            raise
        finally:
            link, _ = self._process.communicate()
        return self._process.returncode, link.strip(), self._log.read_text(errors="replace").strip()


def is_migrated(database: Path) -> bool:
    """This will tell whether this very code has already brought the embedded database up to date.

    Then web and worker may start at once, which makes a second start several seconds shorter.
    The note lies in the database's own folder, so it goes where the data goes.
    """
    with suppress(FileNotFoundError):
        return (database / _NOTE).read_text() == _fingerprint()
    return False


def note_migrated(database: Path) -> None:
    """This will note that the database is up to date with this code."""
    if database.is_dir():
        (database / _NOTE).write_text(_fingerprint())


def _fingerprint() -> str:
    """Our migrations, and the packages, which bring migrations too."""
    files = [*ROOT.glob("olympus/*/migrations/*.py"), *ROOT.glob("apps/*/migrations/*.py"), ROOT / "requirements.txt"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(os.fsencode(path.relative_to(ROOT)) + b"\0" + path.read_bytes())
    return digest.hexdigest()
