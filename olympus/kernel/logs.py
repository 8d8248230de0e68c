"""Log lines: for machines one JSON object each, with what the work belongs to; an outage in one line each."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from kombu.exceptions import OperationalError as BrokerAway
from redis import ConnectionError as ValkeyAway
from redis import TimeoutError as ValkeySilent

from olympus.kernel.db import is_away
from olympus.kernel.tracing import current_ids

# What every record has; what is left was given as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LONGEST = 20_000
# Postgres shows the row that it refused, with the words of people in it.
_ROW = re.compile(r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)


class JsonLines(logging.Formatter):
    """Writes a record as `{"time", "level", "logger", "message", …}`: ids of request, trace and run, extras, errors."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line; whatever lies in it, it is one line of ASCII."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _ROW.sub("DETAIL: …", record.getMessage())[:_LONGEST],
            **current_ids(),
        }
        # Django's own extras hold whole requests, with the words and cookies of people.
        line |= {name: value for name, value in vars(record).items() if name not in _OWN and _is_plain(value)}
        if record.exc_info:
            line["error"] = _ROW.sub("DETAIL: …", self.formatException(record.exc_info))[-_LONGEST:]
        return json.dumps(line, default=str)


class Outages(logging.Filter):
    """Says of a store that is away one line and no traceback: one from each who noticed would bury what is broken."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, those of an outage as warnings."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and _is_outage(error):
            first_line = record.getMessage().partition("\n")[0]
            record.msg, record.args = f"{first_line} ({type(error).__name__}: a store does not answer)", ()
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


def _is_outage(error: BaseException) -> bool:
    if type(error).__module__ == "celery.beat":  # names no cause; imported here it would cost each process memory
        return isinstance(error.__context__, BrokerAway)
    return is_away(error) or isinstance(error, ValkeyAway | ValkeySilent | BrokerAway)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
