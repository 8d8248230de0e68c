"""The commands in bin/: readable by any Python, and sparing with set-up."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from olympus.runtime.places import ROOT

_COMMANDS = ("up", "test", "check", "format", "manage", "lock")


@pytest.mark.parametrize("path", [*(f"bin/{name}" for name in _COMMANDS), "olympus/runtime/launch.py"])
def test_an_old_python_can_read_it_and_say_what_is_missing(path: str) -> None:
    text = (ROOT / path).read_text()

    ast.parse(text, feature_version=(3, 6))


def test_help_needs_no_set_up() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "up", "--help"], check=False, capture_output=True, text=True, cwd="/"
    )

    assert done.returncode == 0
    assert "--host" in done.stdout


def test_the_set_up_uses_only_the_standard_library() -> None:
    code = "import olympus.runtime.entry, sys; print([m for m in sys.modules if 'site-packages' in (getattr(sys.modules[m], '__file__', '') or '')])"

    done = subprocess.run([sys.executable, "-S", "-c", code], check=False, capture_output=True, text=True, cwd=ROOT)

    assert done.stdout.strip() == "[]", done.stderr


def test_ci_runs_bin_check() -> None:
    script = Path(ROOT / ".ci" / "run").read_text()

    assert "bin/check" in script
