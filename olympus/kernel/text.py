"""Text and plain data as the store can hold them."""

import math
import re
from collections.abc import Mapping
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """This will replace NUL and lone surrogates, which Postgres refuses, by U+FFFD.

    The length in code points stays the same, so offsets stay true.
    """
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def clean_data(value: Any) -> Any:
    """This will clean every text in plain data, keys too, as `clean_text` does.

    NaN and the infinities, which Python writes and JSON has no place for, become None.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {clean_text(str(key)): clean_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean_data(inner) for inner in value]
    return value
