"""What is to be done on a server now: load, keep or unload which model."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.inference.engine.memory.choosing import choose
from apps.inference.engine.memory.history import SHORTEST_S, Use, Uses

# A model whose time ends further ahead was pinned at the server itself: half of Ollama's "forever" would be longer.
HELD_S = 24 * 3600.0
# Disks read about this much a second; the first load tells better.
_READ_BYTES_S = 1_000_000_000
# Between the end of an answer and the server's own count of its time.
_SLACK_S = 15.0
FOREVER_S = -1.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, as the server tells: its size, and how long it stays if nothing happens."""

    size_bytes: int
    left_s: float


@dataclass(frozen=True, slots=True)
class Action:
    """Have a model in memory for `keep_s` from now: 0 unloads it, -1 is forever."""

    model: str
    keep_s: float


def decide(
    uses: Uses, loaded: Mapping[str, Loaded], now: float, *, pinned: frozenset[str] = frozenset(),
    capacity_bytes: int | None = None,
) -> list[Action]:  # fmt: skip
    """This will learn from what is in memory, choose anew where there is news, and tell what to do.

    What was never called is left alone, and so is what is in flight or was pinned at the server itself.
    `capacity_bytes` is the server's memory, None if unknown: then no more is fetched than was there at once before.
    """
    _learn(uses, loaded, now)
    if any(use.is_changed for use in uses.models.values()):
        choose(uses, now)
    room = max(capacity_bytes or uses.peak_bytes, 0) - sum(each.size_bytes for each in loaded.values())
    actions = []
    for name in sorted(pinned | uses.models.keys(), key=lambda name: (name not in pinned, name)):
        use = uses.models.setdefault(name, Use())
        action = (
            _for_pinned(name, use, loaded.get(name)) if name in pinned else _for(name, use, loaded.get(name), now, room)
        )
        if action is not None:
            actions.append(action)
            use.said_until = max(use.said_until, now + action.keep_s + use.load_s)
            if name not in loaded:
                room -= use.size_bytes
    return actions


def keep_alive_of(use: Use, *, is_pinned: bool) -> float | None:
    """This will tell what to say with a call: seconds, -1 for forever, None for the server's own time."""
    if is_pinned:
        return FOREVER_S
    return use.keeping.keep_s if use.keeping else None


def done(uses: Uses, action: Action, now: float) -> None:
    """This will note that an action was carried out; what is loaded counts once the server tells of it."""
    use = uses.models.setdefault(action.model, Use())
    if action.keep_s == 0:
        use.until = now
    elif use.until > now:
        use.until = now + (action.keep_s if action.keep_s > 0 else 10 * HELD_S)


def _learn(uses: Uses, loaded: Mapping[str, Loaded], now: float) -> None:
    uses.peak_bytes = max(uses.peak_bytes, sum(each.size_bytes for each in loaded.values()))
    for name, use in uses.models.items():
        told = loaded.get(name)
        if told is not None:
            use.size_bytes = told.size_bytes
            use.load_s = use.load_s or told.size_bytes / _READ_BYTES_S
            if not use.in_flight:
                use.ready_at = now if use.until < now else use.ready_at
                use.until = now + max(told.left_s, 0.0)
        elif not use.in_flight:
            use.until = min(use.until, now)


def _for_pinned(name: str, use: Use, told: Loaded | None) -> Action | None:
    use.was_pinned = True
    return None if told is not None and told.left_s > HELD_S else Action(name, FOREVER_S)


def _for(name: str, use: Use, told: Loaded | None, now: float, room: int) -> Action | None:
    if use.in_flight:
        return None
    if use.was_pinned:
        use.was_pinned = False
        return Action(name, use.keep_s) if told is not None else None
    if use.keeping is None or not use.idle_since:
        return None
    idle_s = now - use.idle_since
    left_s = use.keeping.left_s(idle_s)
    if told is not None:
        return _for_loaded(name, use, told, left_s, now)
    is_due = left_s > 0 and idle_s >= use.keeping.load_at_s > 0
    return Action(name, left_s) if is_due and 0 < use.size_bytes <= room else None


def _for_loaded(name: str, use: Use, told: Loaded, left_s: float, now: float) -> Action | None:
    if told.left_s > HELD_S:
        return None
    if left_s == 0:
        return Action(name, 0.0) if told.left_s > 0 and _is_ours(use, told, now) else None
    return Action(name, left_s) if left_s > told.left_s + SHORTEST_S else None


def _is_ours(use: Use, told: Loaded, now: float) -> bool:
    """Whether its time began with a call of ours: somebody else who uses it keeps it for longer than we said."""
    return now + told.left_s <= use.said_until + _SLACK_S
