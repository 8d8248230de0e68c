"""Names of models as a registry and Ollama take them."""

import re

MODEL_CHARS = 200
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}"
# [host[:port]/][namespace/]model[:tag]. Source: github.com/ollama/ollama, types/model/name.go, as of August 2026.
_NAME = re.compile(rf"(?:[A-Za-z0-9][A-Za-z0-9_.-]*(?::\d{{1,5}})?/)?(?:{_PART}/)?{_PART}(?::{_PART})?")
# What people copy along.
_AROUND = re.compile(r"^(?:ollama\s+(?:pull|run)\s+|https?://(?:www\.)?ollama\.com/(?:library/)?)", re.IGNORECASE)
_HUGGING_FACE = re.compile(r"^https?://(?:huggingface\.co|hf\.co)/", re.IGNORECASE)


def plain_name(text: str) -> str | None:
    """This will read a model's name out of what a person entered, a command or an address too; None if it is none."""
    name = _HUGGING_FACE.sub("hf.co/", _AROUND.sub("", text.strip())).strip("/")
    return name if len(name) <= MODEL_CHARS and _NAME.fullmatch(name) else None


def as_listed(name: str) -> str:
    """This will give a name as a server lists it: with a tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
