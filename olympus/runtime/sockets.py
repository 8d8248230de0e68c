"""A short private folder for unix sockets: their path may have 107 bytes at most."""

import os
import shutil
import tempfile
from pathlib import Path

_LONGEST_FOLDER_BYTES = 70  # leaves room for our own folder name and `.s.PGSQL.5432.lock`


def make_socket_folder(prefix: str = "olympus-") -> Path:
    """This will make a new folder that only this user can enter.

    The name is random: a fixed one in a shared /tmp could be taken by somebody else first.
    """
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_base()))


def remove_socket_folder(folder: Path) -> None:
    """This will remove a folder made here, also one that a killed stack left behind."""
    if folder.name.startswith("olympus-") and folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    # Under root Postgres runs as another account, which may not enter /run/user/0.
    if runtime and os.getuid() != 0 and len(runtime) <= _LONGEST_FOLDER_BYTES:
        folder = Path(runtime)
        if folder.is_dir() and folder.stat().st_uid == os.getuid():
            return folder
    temporary = Path(tempfile.gettempdir())
    return temporary if len(os.fsencode(temporary)) <= _LONGEST_FOLDER_BYTES else Path("/tmp")  # noqa: S108 - mkdtemp is safe there
