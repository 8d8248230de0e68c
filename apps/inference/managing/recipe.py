"""What a new model is made of: checked as a person or a program gave it, and as Ollama takes it."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

SYSTEM_CHARS = 32_000
_STOPS, _STOP_CHARS = 16, 200
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# Those Ollama makes of a model of whole numbers. Source: github.com/ollama/ollama, fs/ggml/type.go, as of August 2026.
QUANTIZATIONS = ("q8_0", "q4_K_M", "q4_K_S")
# The least and most that make sense; Ollama takes anything.
NUMBERS: Mapping[str, tuple[type, float, float]] = {
    "temperature": (float, 0, 5),
    "top_p": (float, 0, 1),
    "top_k": (int, 0, 100_000),
    "min_p": (float, 0, 1),
    "repeat_penalty": (float, 0, 10),
    "num_ctx": (int, 1, 100_000_000),
    "num_predict": (int, -2, 100_000_000),
    "seed": (int, 0, 2**31 - 1),
}


def recipe(
    *, system: str = "", parameters: Mapping[str, Any] | None = None, adapter: str = "", quantization: str = ""
) -> dict[str, Any]:
    """This will put together what Ollama makes a model of beside its base.

    `parameters` are those of `NUMBERS`, and `stop`, texts. `adapter` is the digest of a file on the server.

    Raises:
        Invalid
    """
    system = clean_text(system).strip()
    if len(system) > SYSTEM_CHARS:
        raise Invalid(_("A system prompt has at most %(n)d characters.") % {"n": SYSTEM_CHARS}, field="system")
    if adapter and not _DIGEST.fullmatch(adapter):
        raise Invalid(_("Name the adapter by its digest: sha256: and 64 digits."), field="adapter")
    if quantization and quantization not in QUANTIZATIONS:
        raise Invalid(_("Choose one of %(names)s.") % {"names": ", ".join(QUANTIZATIONS)}, field="quantization")
    made = {
        "system": system,
        "parameters": {name: _usable(name, value) for name, value in (parameters or {}).items() if value is not None},
        "adapters": {"adapter.gguf": adapter} if adapter else {},
        "quantize": quantization,
    }
    return {name: value for name, value in made.items() if value}


def _usable(name: str, value: Any) -> Any:
    if name == "stop":
        return _stops(value)
    if name not in NUMBERS:
        raise Invalid(_("There is no parameter %(name)s.") % {"name": clean_text(name)[:40]}, field="parameters")
    kind, least, most = NUMBERS[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or (kind is int and value != int(value)) or not least <= value <= most:
        words = {"name": name, "least": f"{least:g}", "most": f"{most:,.0f}" if kind is int else f"{most:g}"}
        raise Invalid(_("%(name)s is a number from %(least)s to %(most)s.") % words, field=f"parameters.{name}")
    return kind(value)


def _stops(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    is_usable = isinstance(texts, list) and len(texts) <= _STOPS
    if not is_usable or not all(isinstance(text, str) and 0 < len(text) <= _STOP_CHARS for text in texts):
        raise Invalid(_("stop is up to 16 texts of at most 200 characters."), field="parameters.stop")
    return [clean_text(text) for text in texts]
