"""The lock files: every package with its version and hashes, compiled from pyproject.toml."""

from olympus.runtime.install import uv

_COMPILE = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
# No line of a lock file may say where this machine gets its packages from.
_CLEAN = ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "bin/lock"]
_LOCKS = {
    "requirements.txt": ["pyproject.toml"],
    "requirements-dev.txt": ["pyproject.toml", "--group", "dev", "--constraints", "requirements.txt"],
    "requirements-uv.txt": ["--group", "installer"],
    "requirements-node.txt": ["--group", "node"],
}


def write_locks(*, upgrade: bool) -> int:
    """This will bring the lock files up to date; versions stay where they may unless `upgrade`."""
    for name, sources in _LOCKS.items():
        status = uv([*_COMPILE, *sources, *_CLEAN, "-o", name, *(["--upgrade"] if upgrade else [])])
        if status:
            return status
    return 0
