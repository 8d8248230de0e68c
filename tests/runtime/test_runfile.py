"""DATA/run.json and the lock beside it."""

from pathlib import Path

import pytest

from olympus.runtime import runfile


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with runfile.held(tmp_path), pytest.raises(runfile.AlreadyRunning), runfile.held(tmp_path):
        pytest.fail("held twice")


def test_it_is_read_only_while_the_stack_runs(tmp_path: Path) -> None:
    with runfile.held(tmp_path):
        runfile.write(tmp_path, {"env": {"REDIS_URL": "unix:///tmp/x"}})
        during = runfile.read_environment(tmp_path)

    assert during == {"REDIS_URL": "unix:///tmp/x"}
    assert runfile.read_environment(tmp_path) is None
    assert not (tmp_path / "run.json").exists()


def test_what_a_killed_stack_left_is_not_taken_for_a_running_one(tmp_path: Path) -> None:
    with runfile.held(tmp_path):
        pass
    runfile.write(tmp_path, {"env": {}, "sockets": "/tmp/olympus-x"})

    assert runfile.read(tmp_path) is None
    assert runfile.read_left_over(tmp_path) == {"env": {}, "sockets": "/tmp/olympus-x"}
