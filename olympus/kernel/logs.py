"""Log lines for machines: one JSON object each, with what the work belongs to."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from olympus.kernel.tracing import current_ids

# What every record has; what is left was given as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LONGEST = 20_000


class JsonLines(logging.Formatter):
    """Writes a record as `{"time", "level", "logger", "message", …}`: ids of request, trace and run, extras, errors."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line; whatever lies in it, it is one line of ASCII."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST],
            **current_ids(),
        }
        # Django's own extras hold whole requests, with the words and cookies of people.
        line |= {name: value for name, value in vars(record).items() if name not in _OWN and _is_plain(value)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-_LONGEST:]
        return json.dumps(line, default=str)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
