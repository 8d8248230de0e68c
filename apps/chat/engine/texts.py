"""Text files: whether bytes are text, and what kind by their name."""

import codecs
import re

# Characters no text holds; escape and form feed stand in logs and old sources.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_MARKED = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Longer marks that begin like shorter ones: UTF-32 begins as UTF-16 does.
_UTF32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

PLAIN = "text/plain"
# What people attach most; everything else that is text is plain. None is an image: an SVG is its source here.
_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "md": "text/markdown",
    "markdown": "text/markdown",
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "xml": "text/xml",
    "svg": "text/xml",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ndjson": "application/jsonl",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "toml": "application/toml",
    "sql": "application/sql",
    "sh": "text/x-shellscript",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "ts": "text/typescript",
    "py": "text/x-python",
    "rb": "text/x-ruby",
    "rs": "text/x-rust",
    "go": "text/x-go",
    "java": "text/x-java",
    "c": "text/x-c",
    "h": "text/x-c",
    "cpp": "text/x-c++",
    "diff": "text/x-diff",
    "patch": "text/x-diff",
    "ics": "text/calendar",
    "vtt": "text/vtt",
    "tex": "text/x-tex",
}


def parse_text(data: bytes) -> str | None:
    """This will read bytes as text: UTF-8, or UTF-16 with a byte order mark; None for anything else.

    Line ends become `\\n`, so that what is counted, cut and shown is the same.
    """
    if data.startswith(_UTF32_MARKS) and len(data) % 4 == 0:
        return None
    mark, encoding = next(((m, e) for m, e in _MARKED if data.startswith(m)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _NOT_TEXT.search(text) else text.replace("\r\n", "\n").replace("\r", "\n")


def text_type(name: str) -> str:
    """This will name a text file's media type by the end of its name."""
    _stem, dot, end = name.rpartition(".")
    return _TYPES.get(end.lower(), PLAIN) if dot else PLAIN
