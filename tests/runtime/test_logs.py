"""Which lines of a child's log a person sees, and how large the log may grow."""

import json
from pathlib import Path

from olympus.runtime.logs import LogTail


def append(path: Path, text: str) -> None:
    """Write as a child does."""
    with path.open("a") as file:
        file.write(text)


def test_only_new_warnings_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    append(log, "10:00 ERROR old\n")
    tail = LogTail("web", log)

    append(log, "10:01 INFO all is well\n10:02 WARNING disk is filling\n10:03 ERROR no answer\n")

    assert tail.warnings() == ["10:02 WARNING disk is filling", "10:03 ERROR no answer"]
    assert tail.warnings() == []


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    tail = LogTail("web", log)
    append(log, "10:02 WARNING disk is ")
    before = tail.warnings()

    append(log, "filling\n")

    assert before == []
    assert tail.warnings() == ["10:02 WARNING disk is filling"]


def test_a_log_that_grew_too_large_is_cut_and_its_past_kept(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    append(log, "x" * 10_000_001)

    tail = LogTail("worker", log)

    assert log.stat().st_size == 0
    assert (tmp_path / "worker.log.1").stat().st_size == 10_000_001
    append(log, "10:02 ERROR after\n")
    assert tail.warnings() == ["10:02 ERROR after"]


def test_lines_for_machines_are_shown_in_words(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    tail = LogTail("web", log)

    said = {"time": "2026-01-02T10:02:03.004+00:00", "level": "WARNING", "logger": "apps.x", "message": "disk is full"}
    append(log, json.dumps(said) + "\n" + json.dumps({**said, "level": "INFO"}) + '\n{"time" WARNING broken\n')

    assert tail.warnings() == ["10:02:03 WARNING apps.x disk is full", '{"time" WARNING broken']
