"""A data folder as a first start leaves it, made once for all tests that need one: making it takes longer than most of them."""

import fcntl
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from olympus.runtime.places import ROOT
from tests.support.stack import Stack

# Ignored by git, and gone with the checkout.
_FOLDER = ROOT / "var" / "prepared"


def prepared_stack(**options: object) -> Stack:
    """This will make a stack whose database is there already; `options` are those of `Stack`."""
    stack = Stack(**options)  # type: ignore[arg-type]
    # Root's Postgres runs as another account, which owns its files.
    subprocess.run(["cp", "-a", str(_template()), str(stack.data)], check=True)
    return stack


def _template() -> Path:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    made = _FOLDER / _state_of_migrations()
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in _FOLDER.glob("*-data"):
                shutil.rmtree(old)
            making = _FOLDER / "being-made"
            shutil.rmtree(making, ignore_errors=True)
            with Stack(making):
                pass
            making.rename(made)
    return made


def _state_of_migrations() -> str:
    digest = sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/*/migrations/*.py")):
        digest.update(path.read_bytes())
    return f"{digest.hexdigest()[:16]}-data"
