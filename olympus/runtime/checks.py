"""What CI checks: format, lint, types, imports, templates, migrations, tests."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from olympus.runtime.install import say
from olympus.runtime.places import PYTHON, ROOT, VENV

_AT_ONCE = 2
# A module stays together, for its stack and its browser, unless it comes in classes.
_PARALLEL = ["-n", str(_AT_ONCE), "--dist", "loadscope"]
_QUICK = ["-m", "not browser and not faults and not stack", *_PARALLEL]
_SLOW = (
    ["-m", "(browser or stack) and not faults", *_PARALLEL],
    # What breaks everything while answers stream wants the machine for itself, so it follows alone.
    ["-m", "faults"],
)
# Tests wait for so long; where the machine was busy with something else, what failed is tried once more, alone.
_SOME_FAILED = 1  # pytest's own status for it
_AGAIN = ["--last-failed", "--last-failed-no-failures", "none"]
_CHECKS: dict[str, list[str]] = {
    "types": [str(PYTHON), "-m", "mypy"],
    "migrations": [str(PYTHON), "-m", "olympus.runtime.migrations_check"],
    "imports": [str(VENV / "bin" / "lint-imports"), "--no-cache"],
    "templates": [str(PYTHON), "-m", "djlint", "templates", "--lint", "--quiet"],
    "lint": [str(PYTHON), "-m", "ruff", "check", "--quiet"],
    "format": [str(PYTHON), "-m", "ruff", "format", "--check", "--quiet"],
}


@dataclass
class _Result:
    name: str
    status: int
    output: str
    took_s: float


def run_checks(*, fast: bool) -> int:
    """This will run every check and then the tests, and return 1 if anything failed."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = list(pool.map(_run, _CHECKS))
    for result in results:
        say(f"{'passed' if result.status == 0 else 'FAILED'}  {result.name}  ({result.took_s:.0f} s)")
        if result.status:
            sys.stderr.write(f"{result.output.rstrip()}\n")
    tests = 0
    for some in (_QUICK,) if fast else (_QUICK, *_SLOW):
        tests = _test_twice(some) or tests
    failed = [result.name for result in results if result.status] + (["tests"] if tests else [])
    if failed:
        say(f"bin/check found something: {', '.join(failed)}")
    return 1 if failed else 0


def _test(arguments: list[str]) -> int:
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], check=False, cwd=ROOT).returncode


def _test_twice(arguments: list[str]) -> int:
    status = _test(arguments)
    if status == _SOME_FAILED:
        say("what failed is tried once more, alone; a failure that stays is one")
        status = _test([*arguments[:2], *_AGAIN])
    return status


def _run(name: str) -> _Result:
    start = time.monotonic()
    done = subprocess.run(
        _CHECKS[name], check=False, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return _Result(name, done.returncode, done.stdout, time.monotonic() - start)
