"""The stored settings as this process knows them: a look-up in memory, read anew after each change.

A process that lasts is told of changes (`following`). One that is not, such as a command, reads them when what
it knows is older than a second. Postgres is the truth; while it is away what was known last holds.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec
from django.db import DatabaseError, connection, transaction

from olympus.kernel.models import Setting
from olympus.kernel.options.declared import Option

logger = logging.getLogger(__name__)

# What the product promises: a change holds everywhere within a second.
MAX_AGE_S = 1.0
# A process that is told reads by itself every five seconds; twice that long without one means that nobody reads for it.
_TOLD_MAX_AGE_S = 10.0


@dataclass(frozen=True, slots=True)
class Misfit:
    """What an older version stored and the setting does not take any more."""

    value: Any


@dataclass(frozen=True, slots=True)
class _Known:
    stored: Mapping[str, Any]
    asked_at: float
    good_until: float
    taken: dict[str, tuple[Any, Misfit | None]] = field(default_factory=dict)


_NOTHING = _Known({}, 0.0, 0.0)
_known: _Known | None = None
_is_told = False
_here = threading.local()
_complained_of: set[str] = set()
_keeping = threading.Lock()


def option_value(option: Option) -> Any:
    """This will give a setting, what was stored or its default, from memory; on an event loop it never waits.

    Raises:
        DatabaseError: nothing was ever read and the database is away; never on an event loop, where the default holds.
    """
    return _taken(option)[0]


def misfit_of(option: Option) -> Misfit | None:
    """This will give what is stored though the setting does not take it, so that its default holds."""
    return _taken(option)[1]


def is_stored(name: str) -> bool:
    """This will tell whether a setting was changed from its default."""
    return name in _now().stored


def refresh() -> None:
    """This will read all stored settings, in one query; of two reads at once the one that began later is believed.

    Raises:
        DatabaseError
    """
    asked_at = monotonic()
    _keep(_read(), asked_at)


def refresh_after_commit() -> None:
    """This will have this thread read past what is known until its transaction ends, and all the process know it then."""
    _here.is_changing = True
    transaction.on_commit(_committed)


def be_told() -> None:
    """This will trust what is known for longer, because something in this process hears of changes."""
    global _is_told
    _is_told = True


def _now() -> _Known:
    if _is_changing():
        return _Known(_read(), 0.0, 0.0)
    known = _known
    if known is not None and monotonic() < known.good_until:
        return known
    if _is_on_a_loop():
        return known or _NOTHING
    try:
        refresh()
    except DatabaseError:
        if known is None:
            raise
        logger.warning("settings cannot be read; what was known last holds")
        return known
    return _known or known or _NOTHING


def _read() -> dict[str, Any]:
    return dict(Setting.objects.values_list("name", "value"))


def _keep(stored: Mapping[str, Any], asked_at: float) -> None:
    global _known
    with _keeping:
        if _known is None or asked_at >= _known.asked_at:
            _known = _Known(stored, asked_at, asked_at + (_TOLD_MAX_AGE_S if _is_told else MAX_AGE_S))


def _committed() -> None:
    _here.is_changing = False
    try:
        refresh()
    except DatabaseError:
        logger.warning("a changed setting cannot be read back yet")


def _is_changing() -> bool:
    """Whether this thread's transaction changed a setting: only it may see that."""
    if getattr(_here, "is_changing", False) and not connection.in_atomic_block:
        _here.is_changing = False
    return getattr(_here, "is_changing", False)


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _taken(option: Option) -> tuple[Any, Misfit | None]:
    known = _now()
    if option.name not in known.taken:
        known.taken[option.name] = _converted(option, known.stored)
    return known.taken[option.name]


def _converted(option: Option, stored: Mapping[str, Any]) -> tuple[Any, Misfit | None]:
    """A value of an older version that does not fit any more is no reason to stand still."""
    if option.name not in stored:
        return option.default, None
    try:
        return msgspec.convert(stored[option.name], option.kind), None
    except msgspec.ValidationError as error:
        # Settings are read anew every few seconds; the page says it all the time.
        if option.name not in _complained_of:
            logger.warning("the stored value of %s does not fit, so its default holds: %s", option.name, error)
        _complained_of.add(option.name)
        return option.default, Misfit(stored[option.name])


def _forget_in_child() -> None:
    global _is_told, _known, _keeping
    _is_told, _known, _keeping = False, None, threading.Lock()


os.register_at_fork(after_in_child=_forget_in_child)
