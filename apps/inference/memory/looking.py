"""What a look into a server's memory found, as it is decided by and as it is shown."""

from collections.abc import Sequence
from datetime import UTC, datetime

from apps.inference.engine.managing.servers import Held
from apps.inference.engine.memory.deciding import HELD_S
from apps.inference.engine.memory.history import Use, Uses
from apps.inference.memory.remembering import Seen


def seen_of(held: Sequence[Held] | None, uses: Uses, now: float) -> list[Seen]:
    """This will list what is in memory, and what is expected there."""
    by_name = {each.name: each for each in held or ()}
    expected = {name for name, use in uses.models.items() if use.expected_at(now) is not None}
    return [_seen(name, by_name.get(name), uses.models.get(name, Use()), now) for name in by_name.keys() | expected]


def _seen(name: str, held: Held | None, use: Use, now: float) -> Seen:
    stays_s = left_s(held, now) if held else 0.0
    is_held = stays_s > HELD_S
    return Seen(
        name,
        size_of(held) if held else 0,
        now + max(stays_s, 0.0) if held and held.expires_at and not is_held else None,
        round(use.heat_at(now), 2),
        use.in_flight,
        is_held,
        is_loaded=held is not None,
        used_at=max(use.used_at, use.idle_since) or None,
        expected_at=use.expected_at(now),
    )


def size_of(held: Held) -> int:
    """This will tell what a model takes, on GPUs where it is there."""
    return held.vram_bytes or held.size_bytes


def capacity_of(held: Sequence[Held]) -> int | None:
    """This will tell how much the GPUs hold where that shows: a model lies partly beside them; None where it does not."""
    is_full = any(0 < each.vram_bytes < each.size_bytes for each in held)
    return sum(each.vram_bytes for each in held) if is_full else None


def left_s(held: Held, now: float) -> float:
    """This will tell how long a model stays if nothing happens."""
    if held.expires_at is None:
        return 10 * HELD_S  # nobody knows: left alone
    return (held.expires_at - datetime.fromtimestamp(now, UTC)).total_seconds()
