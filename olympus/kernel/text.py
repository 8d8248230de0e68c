"""Text as the store can hold it."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """This will replace NUL and lone surrogates, which Postgres refuses, by U+FFFD.

    The length in code points stays the same, so offsets stay true.
    """
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text
