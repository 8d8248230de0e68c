"""Text and plain data as the store can hold them, and text in one form."""

import math
import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# As many combining marks as Unicode lets a character have where text is a stream (UAX #15, 13); no \w is a mark.
_LONG_RUN = re.compile(r"[^\w\s\x00-\x7f]{30}")


def clean_text(text: str) -> str:
    """This will replace NUL and lone surrogates, which Postgres refuses, by U+FFFD.

    The length in code points stays the same, so offsets stay true.
    """
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def compose_text(text: str) -> str:
    """This will write a text in NFC, in time that grows with its length alone.

    Putting a run of combining marks in order takes the square of its length, so longer ones are taken in parts.
    """
    if text.isascii():
        return text
    cuts = [0, *(found.end() for found in _LONG_RUN.finditer(text)), len(text)]
    return "".join([unicodedata.normalize("NFC", text[begin:end]) for begin, end in pairwise(cuts)])


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
