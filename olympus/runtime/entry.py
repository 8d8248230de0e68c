"""The commands of bin/: what each sets up, and the program it then becomes."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from olympus.runtime import install, up
from olympus.runtime.browser import provide_browser
from olympus.runtime.checks import run_checks
from olympus.runtime.frontend import build_frontend
from olympus.runtime.locking import write_locks
from olympus.runtime.places import PYTHON, ROOT, data_folder
from olympus.runtime.runfile import read_environment


def run(command: str, arguments: list[str]) -> NoReturn:
    """This will carry out one command of bin/."""
    os.chdir(ROOT)
    try:
        sys.exit(_commands[command](arguments))
    except install.SetUpFailed as problem:
        sys.exit(f"olympus: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def _up(arguments: list[str]) -> int:
    up.parse_arguments(arguments)  # a wrong option must not cost a set-up first
    _set_up(with_tools=False)
    return _become(["-m", "olympus.runtime.up", *arguments])


def _manage(arguments: list[str]) -> int:
    chosen = None
    if arguments[:1] == ["--data"]:
        chosen, arguments = Path(arguments[1]) if arguments[1:] else None, arguments[2:]
    environment = read_environment(data_folder(chosen))
    if environment is None:
        sys.stderr.write("Olympus is not running: start bin/up first.\n")
        return 1
    os.environ.update(environment)
    return _become(["manage.py", *arguments])


def _test(arguments: list[str]) -> int:
    _set_up(with_tools=True)
    if not _leaves_out(arguments, "browser"):
        provide_browser()
    return _become(["-m", "pytest", *arguments])


def _check(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/check", description="Everything CI checks.")
    parser.add_argument("--fast", action="store_true", help="leave out browsers, faults and whole stacks")
    fast = parser.parse_args(arguments).fast
    _set_up(with_tools=True)
    if not fast:
        provide_browser()
    return run_checks(fast=fast)


def _format(arguments: list[str]) -> int:
    _set_up(with_tools=True, with_frontend=False)
    where = arguments or ["."]
    formatted = install.call([PYTHON, "-m", "ruff", "format", *where])
    return install.call([PYTHON, "-m", "ruff", "check", "--fix", *where]) or formatted


def _translations(_arguments: list[str]) -> int:
    _set_up(with_tools=True, with_frontend=False)
    return _become(["-m", "olympus.translations"])


def _screenshots(arguments: list[str]) -> int:
    _set_up(with_tools=True)
    provide_browser()
    return _become(["-m", "tests.screens", *arguments])


def _lock(arguments: list[str]) -> int:
    install.install_uv()
    return write_locks(upgrade="--upgrade" in arguments)


_commands: dict[str, Callable[[list[str]], int]] = {
    "up": _up,
    "manage": _manage,
    "test": _test,
    "check": _check,
    "format": _format,
    "screenshots": _screenshots,
    "translations": _translations,
    "lock": _lock,
}


def _set_up(*, with_tools: bool, with_frontend: bool = True) -> None:
    with install.one_at_a_time():
        work: list[Callable[[], None]] = [lambda: install.install_packages(with_tools=with_tools)]
        if with_frontend:
            work.append(build_frontend)
        install.side_by_side(work)


def _leaves_out(arguments: list[str], marker: str) -> bool:
    return any(f"not {marker}" in argument for argument in arguments)


def _become(arguments: list[str]) -> NoReturn:
    os.execv(PYTHON, [str(PYTHON), *arguments])  # noqa: S606 - our own interpreter
