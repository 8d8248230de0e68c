"""Every start counts into a folder of its own, and takes away what starts before it left."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from olympus.runtime.measuring import begin_metrics

# As `olympus.runtime.serve` does: the process that began becomes another program, which lives on.
_START = """
import os, sys
from pathlib import Path
from olympus.runtime.measuring import begin_metrics
folder = begin_metrics(Path(sys.argv[1]))["PROMETHEUS_MULTIPROC_DIR"]
os.execv(sys.executable, [sys.executable, "-c", f"print({folder!r}, flush=True); input()"])
"""


@contextmanager
def started(data: Path) -> Iterator[Path]:
    """A start in a process of its own, until the block ends."""
    arguments = [sys.executable, "-c", _START, str(data)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Path(process.stdout.readline().strip())
        process.kill()


def own(data: Path) -> Path:
    """Begin in a process that is over at once."""
    code = "import sys; from pathlib import Path; from olympus.runtime.measuring import begin_metrics as b;"
    run = [sys.executable, "-c", f"{code} print(*b(Path(sys.argv[1])).values())", str(data)]
    return Path(subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip())


def test_starts_that_share_the_data_leave_each_other_alone(tmp_path: Path) -> None:
    with started(tmp_path) as web, started(tmp_path) as worker:
        (web / "counter_1.db").touch()

        third = own(tmp_path)

        assert len({web, worker, third}) == 3
        assert (web / "counter_1.db").exists()
        assert worker.is_dir()


def test_what_a_start_left_that_was_killed_is_taken_away(tmp_path: Path) -> None:
    with started(tmp_path) as killed:
        (killed / "counter_1.db").touch()
    older = tmp_path / "metrics" / "from-before"
    older.mkdir()

    mine = own(tmp_path)

    assert list((tmp_path / "metrics").iterdir()) == [mine]


def test_the_folder_is_named_to_the_processes_and_is_nobodys_business(tmp_path: Path) -> None:
    (folder,) = map(Path, begin_metrics(tmp_path).values())

    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0
