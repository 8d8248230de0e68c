"""The log files of the children: kept small, and their warnings shown in the terminal."""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

_LARGEST_BYTES = 10_000_000
_LONGEST_LINE = 400
# Valkey's warnings are advice about the machine that its few megabytes here do not need.
_TELLING = {
    "web": re.compile(r"\b(WARNING|ERROR|CRITICAL)\b"),
    "worker": re.compile(r"\b(WARNING|ERROR|CRITICAL)\b"),
    # While it replays its log after a crash it refuses each caller with a FATAL that is no news.
    "postgres": re.compile(r"\b(FATAL|PANIC):(?!  the database system is)"),
}


def readable(line: str) -> str:
    """This will say in words for a terminal what a process wrote as JSON; other lines stay as they are."""
    if not line.startswith('{"time"'):
        return line
    try:
        said = json.loads(line)
        return f"{said['time'][11:19]} {said['level']} {said['logger']} {said['message']}".partition("\n")[0]
    except (ValueError, KeyError, TypeError):
        return line


@dataclass
class LogTail:
    """What was added to a log file since it was last read."""

    name: str
    path: Path
    _offset: int = field(default=0)

    def __post_init__(self) -> None:
        self._shorten()
        self._offset = self.path.stat().st_size if self.path.exists() else 0

    def warnings(self) -> list[str]:
        """This will return the new lines a person should see."""
        telling = _TELLING.get(self.name)
        if telling is None:
            self._new_text()
            return []
        return [readable(line)[:_LONGEST_LINE] for line in self._new_text().splitlines() if telling.search(line)]

    def _new_text(self) -> str:
        if not self.path.exists() or self.path.stat().st_size == self._offset:
            return ""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        self._shorten()
        return whole.decode("utf-8", "replace")

    def _shorten(self) -> None:
        """Copied and cut rather than renamed: the child goes on appending to the same open file."""
        if self.path.exists() and self.path.stat().st_size > _LARGEST_BYTES:
            shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
            with self.path.open("r+b") as file:
                file.truncate(0)
            self._offset = 0
