"""What a scan asks and what comes back, apart from how it travels."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from olympus.kernel.text import clean_text

# A name, an id or a version longer than this is no name; it would only fill a page.
LONGEST_NAME = 200
# Where an answer was cut, so many ends of an item are tried to close it; each try reads 64 KB once.
_CLOSING_TRIES = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """One request. Only GET, and POST where reading takes one (MCP, Ollama's show); `payload` is its JSON.

    With `raw` it is no HTTP: these bytes are sent, and `is_whole` tells when the answer to them is complete.
    """

    method: str
    path: str
    payload: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    raw: bytes = field(default=b"", repr=False)
    is_whole: Callable[[bytes], bool] = bool

    @property
    def name(self) -> str:
        """What the request is called in evidence and audit records."""
        return f"{self.method} {self.path}{f' {self.label}' if self.label else ''}"


def get(path: str) -> Probe:
    """This will name the GET of a path."""
    return Probe("GET", path)


@dataclass(frozen=True)
class Answer:
    """What came back; `status` 0 means that no HTTP answer came, and `failure` tells why.

    `failure` is `refused`, `unreachable` (no connection in time), `timeout` (no answer in time) or `garbled`. Header
    names are lower case. With `was_cut` the body went on.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    was_cut: bool = False
    failure: str = ""
    latency_ms: float = 0.0

    @cached_property
    def text(self) -> str:
        """The body as text, storable."""
        return clean_text(self.body.decode("utf-8", errors="replace"))

    @cached_property
    def json(self) -> Any:
        """The body as JSON, None if it is none; of a list that was cut, the items that came whole."""
        if not self.text.lstrip().startswith(("{", "[", '"')):
            return None
        return _closed(self.text) if self.was_cut else _parsed(self.body)

    def at(self, *path: str | int) -> Any:
        """This will return what lies at the path in the JSON, None if nothing does."""
        value = self.json
        for step in path:
            value = _inside(value, step)
        return value


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    return value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError
        return None


def _closed(text: str) -> Any:
    end = len(text)
    for _ in range(_CLOSING_TRIES):
        end = text.rfind("}", 0, end)
        if end < 0:
            return None
        value = _parsed(text[: end + 1] + "]}")
        if value is not None:
            return value
    return None


Answers = Mapping[str, Answer]
NONE = Answer()


def answer_to(answers: Answers, probe: Probe) -> Answer:
    """This will return the answer to a probe, an empty one if it was not asked."""
    return answers.get(probe.name, NONE)


def short_text(value: Any, longest: int = LONGEST_NAME) -> str:
    """This will return a name as it may be stored and shown: one line, cut, empty if it is no text."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(each if each.isprintable() else " " for each in clean_text(value[: longest * 4])).split())[
        :longest
    ]


def count_of(value: Any, most: int = 2**53) -> int | None:
    """This will return a whole number of at least 1 and at most `most`, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None
