"""Values of any kind out of foreign files, read without trust."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from olympus.kernel.text import clean_text

# Nobody talked to a model before this, and a later date is a broken clock.
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# Seconds until the year 5138; whatever is larger counts in smaller units.
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
# A tool's arguments longer than this say nothing to a reader.
_MAX_DUMP_CHARS = 200_000


def text_of(value: Any) -> str:
    """This will give a string as it can be stored, and nothing for any other kind of value."""
    return clean_text(value) if isinstance(value, str) else ""


def key_of(*values: Any) -> str:
    """This will give the first usable identifier, shortened by its hash where it is long."""
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)[:100]
        key = text_of(value)
        if key:
            return key if len(key) <= 100 else hashlib.sha256(key.encode()).hexdigest()
    return ""


def list_of(value: Any) -> list[Any]:
    """This will give a list, empty for any other kind of value."""
    return value if isinstance(value, list) else []


def dict_of(value: Any) -> dict[str, Any]:
    """This will give an object, empty for any other kind of value."""
    return value if isinstance(value, dict) else {}


def when(value: Any) -> datetime | None:
    """This will read a point in time: ISO 8601, or a number of seconds, milli-, micro- or nanoseconds."""
    found = _from_text(value) if isinstance(value, str) else _from_number(value)
    return found if found is not None and _FIRST <= found <= _LAST else None


def dumped(value: Any) -> str:
    """This will write a value as text for reading: a string as it is, anything else as JSON."""
    if isinstance(value, str):
        return clean_text(value)[:_MAX_DUMP_CHARS]
    try:
        return clean_text(json.dumps(value, ensure_ascii=False, default=str))[:_MAX_DUMP_CHARS]
    except (RecursionError, ValueError):
        return ""


def digest_key(*values: Any) -> str:
    """This will make an identifier for something that came without one, from what stays the same."""
    words = "\x1f".join(str(value) if isinstance(value, str | int | float | None) else "" for value in values)
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def _from_text(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.strip()[:40])
    except ValueError:
        try:
            return _from_number(float(value[:40]))
        except ValueError:
            return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _from_number(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        size = abs(float(value))
        scale = next((scale for limit, scale in _UNITS if size < limit), None)
        return None if scale is None else datetime.fromtimestamp(float(value) / scale, UTC)
    except (OverflowError, ValueError, OSError):
        return None
