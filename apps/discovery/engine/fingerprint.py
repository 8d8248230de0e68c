"""What a fingerprint is: the signs that tell a product, and how its answers are read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.discovery.contracts import FoundModel, HealthState, ServiceKind
from apps.discovery.engine.wire import Answer, Answers, Probe, short_text

_SHOWN_CHARS = 160


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that tells: `shows` returns the telling part of the answer, empty if it is not there."""

    probe: Probe
    shows: Callable[[Answer], str]
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a product's answers say about it. `state` is None where they say nothing of it."""

    version: str = ""
    name: str = ""
    models: tuple[FoundModel, ...] = ()
    capabilities: frozenset[str] = frozenset()
    needs_key: bool = False
    is_self_named: bool = False
    state: HealthState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """How one product is known, read and watched.

    It is known by any of the groups in `signs` of which every sign shows. `details` are asked once it is known,
    then what `more` makes of their answers. `watch` are the cheap requests that tell whether it is well; they call
    no model; `watch_else` those for when they leave it open. Any sign in `alive` shows that the product still answers
    there. `base` is added to the root for clients.
    """

    kind: ServiceKind
    ports: tuple[int, ...]
    signs: tuple[tuple[Sign, ...], ...]
    read: Callable[[Answers], Reading]
    details: tuple[Probe, ...] = ()
    more: Callable[[Answers], tuple[Probe, ...]] = lambda _: ()
    watch: tuple[Probe, ...] = ()
    watch_else: tuple[Probe, ...] = ()
    alive: tuple[Sign, ...] = ()
    base: str = ""


def _shown(value: Any) -> str:
    return short_text(json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value, _SHOWN_CHARS)


def says(probe: Probe, path: tuple[str | int, ...], *values: Any, confidence: float = 1.0) -> Sign:
    """This will make the sign that the JSON of a good answer has one of the values at the path."""

    def shows(answer: Answer) -> str:
        found = answer.at(*path) if answer.status == 200 else None
        return f'"{path[-1]}": {_shown(json.dumps(found))}' if isinstance(found, str) and found in values else ""

    return Sign(probe, shows, confidence)


def has(probe: Probe, shape: Mapping[str, type], *, without: tuple[str, ...] = (), confidence: float = 1.0) -> Sign:
    """This will make the sign that the JSON of a good answer is an object with these keys, of these types."""

    def shows(answer: Answer) -> str:
        value = answer.json if answer.status == 200 else None
        if not isinstance(value, dict) or any(key in value for key in without):
            return ""
        if not all(isinstance(value.get(key), kind) for key, kind in shape.items()):
            return ""
        return ", ".join(f'"{key}": {_outline(value[key])}' for key in shape)

    return Sign(probe, shows, confidence)


def _outline(value: Any) -> str:
    if isinstance(value, list):
        return f"[{len(value)}]"
    return "{…}" if isinstance(value, dict) else _shown(json.dumps(value, ensure_ascii=False))[:60]


def first_has(probe: Probe, path: str, keys: tuple[str, ...], *, confidence: float = 1.0) -> Sign:
    """This will make the sign that every item of the list at the path has the keys; the list is not empty."""

    def shows(answer: Answer) -> str:
        rows = answer.at(path) if answer.status == 200 else None
        if not isinstance(rows, list) or not rows:
            return ""
        if not all(isinstance(row, dict) and all(key in row for key in keys) for row in rows):
            return ""
        return f'"{path}": [{", ".join(keys)}]'

    return Sign(probe, shows, confidence)


def is_empty(probe: Probe, path: str, *, confidence: float = 1.0) -> Sign:
    """This will make the sign that a good answer is an object with an empty list at the path, and nothing else."""

    def shows(answer: Answer) -> str:
        return f'"{path}": []' if answer.status == 200 and answer.json == {path: []} else ""

    return Sign(probe, shows, confidence)


def contains(probe: Probe, *texts: str, confidence: float = 1.0) -> Sign:
    """This will make the sign that a good answer's text contains all of the texts."""

    def shows(answer: Answer) -> str:
        if answer.status != 200 or not all(text in answer.text for text in texts):
            return ""
        return _shown(texts[0])

    return Sign(probe, shows, confidence)


def is_text(probe: Probe, text: str, *, confidence: float = 1.0) -> Sign:
    """This will make the sign that a good answer is just this text, be it written as JSON or not."""

    def shows(answer: Answer) -> str:
        return text if answer.status == 200 and answer.text.strip().strip('"') == text else ""

    return Sign(probe, shows, confidence)


def header_is(probe: Probe, name: str, value: str, *, confidence: float = 1.0) -> Sign:
    """This will make the sign that an answer of any status has the header, beginning with `value`."""

    def shows(answer: Answer) -> str:
        found = answer.headers.get(name, "")
        return f"{name.title()}: {_shown(found)}" if found.lower().startswith(value.lower()) and found else ""

    return Sign(probe, shows, confidence)
