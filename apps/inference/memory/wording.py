"""A model's place in memory in words."""

from datetime import datetime

from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inference.contracts import ModelInfo
from apps.inference.managing.wording import size_words
from apps.inference.memory.shown import ModelMemory

_MINUTE_S = 60


def memory_words(info: ModelInfo, memory: ModelMemory | None, now: datetime, *, is_managed: bool) -> list[str]:
    """This will say what a model takes of memory, when it was used, when it is expected, and how long it stays.

    `is_managed`: Olympus sees to it that what is pinned stays.
    """
    is_seen = memory is not None and memory.is_loaded
    parts = [_taken(memory.size_bytes if memory and is_seen else info.vram_bytes)] if info.is_loaded else []
    if memory is not None:
        parts += [_used(memory, now), _expected(memory, now)]
        parts.append(_pinned(memory, is_managed=is_managed) or (_goes(memory, now) if info.is_loaded else ""))
    return [part for part in parts if part]


def _taken(size_bytes: int | None) -> str:
    size = size_words(size_bytes)
    return _("in memory, %(size)s") % {"size": size} if size else _("in memory")


def _used(memory: ModelMemory, now: datetime) -> str:
    if memory.in_flight:
        return ngettext("answers %(n)s call", "answers %(n)s calls", memory.in_flight) % {"n": memory.in_flight}
    if memory.used_at is None:
        return ""
    if (now - memory.used_at).total_seconds() < _MINUTE_S:
        return _("used just now")
    return _("used %(time)s ago") % {"time": timesince(memory.used_at, now, depth=1)}


def _expected(memory: ModelMemory, now: datetime) -> str:
    if memory.expected_at is None:
        return ""
    if memory.expected_at <= now:
        return _("expected any moment")
    return _("expected in %(time)s") % {"time": timeuntil(memory.expected_at, now, depth=1)}


def _pinned(memory: ModelMemory, *, is_managed: bool) -> str:
    if memory.is_held:
        return _("pinned at the server itself")
    if not memory.is_pinned or not is_managed:
        return _("pinned") if memory.is_pinned else ""
    return _("pinned: it stays") if memory.is_loaded else _("pinned: it is loaded in a moment")


def _goes(memory: ModelMemory, now: datetime) -> str:
    if not memory.is_loaded or memory.until is None or memory.in_flight:
        return ""
    if (memory.until - now).total_seconds() < _MINUTE_S:
        return _("goes within a minute")
    return _("goes in %(time)s") % {"time": timeuntil(memory.until, now, depth=1)}
