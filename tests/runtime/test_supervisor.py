"""A program that keeps dying: pauses, and an end with a clear message; what a killed one left is no hindrance."""

import subprocess
import sys
from pathlib import Path

import pytest

from olympus.runtime.places import ROOT
from olympus.runtime.process import Child, Program

# In a process of its own, since a supervisor takes over the signals.
_SUPERVISE = """
import sys
from pathlib import Path
from olympus.runtime.process import Program
from olympus.runtime.supervisor import Failed, Supervisor
supervisor = Supervisor(Path(sys.argv[1]), lambda: None)
try:
    supervisor.start(Program("web", [sys.executable, "-c", sys.argv[2]]))
    supervisor.run()
except Failed as problem:
    print(problem)
    sys.exit(1)
finally:
    supervisor.stop()
"""


def supervise(logs: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run one small program under a supervisor."""
    command = [sys.executable, "-c", _SUPERVISE, str(logs), program]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_a_program_that_keeps_failing_ends_the_stack_with_the_end_of_its_log(tmp_path: Path) -> None:
    done = supervise(tmp_path, "print('cannot open the thing'); raise SystemExit(3)")

    assert done.returncode == 1
    assert done.stdout.count("web ended with status 3; starting it again") == 5
    assert "web keeps failing (ended with status 3)" in done.stdout
    assert "cannot open the thing" in done.stdout
    assert f"All of it is in {tmp_path / 'web.log'}" in done.stdout


@pytest.mark.parametrize(("content", "is_left"), [("", False), ("4711\n", True)])
def test_an_empty_lock_file_of_one_killed_as_it_began_is_removed(
    tmp_path: Path, content: str, *, is_left: bool
) -> None:
    lock_file = tmp_path / "postmaster.pid"
    lock_file.write_text(content)
    child = Child(Program("postgres", ["/bin/true"], lock_files=(lock_file, tmp_path / "none")), tmp_path / "log")

    child.start()
    child.stop()

    assert lock_file.exists() is is_left
