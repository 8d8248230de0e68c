"""How the models of one server were used: the pauses between calls, and how often a call met a model that was away."""

from dataclasses import dataclass, field

# What Ollama does where nothing is said, and what this is measured against.
FIXED_S = 300.0
# The shortest time a model stays: the decider's own beat. In shorter pauses nothing is ever unloaded.
SHORTEST_S = 10.0
# So many pauses tell how a model is used; older ones are of another habit.
KEPT_GAPS = 192
# Counts of cold starts fade: what happened this many of them ago counts half.
_HALF_LIFE = 150.0
# How hot a model is halves in this time without calls.
_HEAT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Keeping:
    """What happens in a pause: kept for `keep_s`; away; back from `load_at_s` until `until_s` (both 0: not fetched)."""

    keep_s: float = FIXED_S
    load_at_s: float = 0.0
    until_s: float = 0.0

    def left_s(self, idle_s: float) -> float:
        """This will tell how much longer the model is to be in memory, 0 if it is to be away now."""
        if idle_s < self.keep_s:
            return self.keep_s - idle_s
        return self.until_s - idle_s if self.load_at_s <= idle_s < self.until_s else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """A choice and its price over the pauses seen: cold starts, and seconds in memory."""

    cold: float
    memory_s: float
    keeping: Keeping


@dataclass(slots=True)
class Use:
    """One model on one server. Times are seconds of one clock; `gaps` are (when it ended, its length), oldest first."""

    gaps: list[tuple[float, float]] = field(default_factory=list)
    in_flight: int = 0
    idle_since: float = 0.0
    used_at: float = 0.0
    # In memory from and until, as far as is known: by calls, by what was fetched, by what the server told.
    ready_at: float = 0.0
    until: float = 0.0
    # The latest end of its time that we asked for; who keeps it longer is somebody else.
    said_until: float = 0.0
    size_bytes: int = 0
    load_s: float = 0.0
    keeping: Keeping | None = None
    heat: float = 0.0
    was_pinned: bool = False
    front: list[Point] = field(default_factory=list)
    is_changed: bool = False

    @property
    def fixed_cold(self) -> int:
        """How many of the pauses outlast the fixed time."""
        return sum(1 for _, gap_s in self.gaps if gap_s > FIXED_S)

    def heat_at(self, now: float) -> float:
        """This will count the calls of late: one of an hour ago counts half."""
        return self.heat * float(0.5 ** (max(now - self.used_at, 0.0) / _HEAT_S))

    def expected_at(self, now: float) -> float | None:
        """This will tell from when on the next call is expected, None where nobody can tell; what is past is now."""
        if self.keeping is None or self.in_flight or not self.keeping.load_at_s > 0:
            return None
        return self.idle_since + self.keeping.load_at_s if now < self.idle_since + self.keeping.until_s else None

    @property
    def keep_s(self) -> float:
        """How long it stays after a call."""
        return self.keeping.keep_s if self.keeping else FIXED_S


@dataclass(slots=True)
class Uses:
    """All models of one server; `cold` and `fixed_cold` count calls that met a model away, here and with a fixed time."""

    models: dict[str, Use] = field(default_factory=dict)
    cold: float = 0.0
    fixed_cold: float = 0.0
    peak_bytes: int = 0

    def begin(self, model: str, at: float) -> None:
        """This will take in that a call to the model began."""
        use = self.models.setdefault(model, Use())
        if use.in_flight == 0 and use.idle_since and at - use.idle_since > SHORTEST_S:
            self._note_gap(use, at, at - use.idle_since)
        use.in_flight += 1
        use.heat, use.used_at = use.heat_at(at) + 1, at

    def end(self, model: str, at: float) -> None:
        """This will take in that a call to the model ended."""
        use = self.models.setdefault(model, Use())
        use.in_flight = max(use.in_flight - 1, 0)
        use.idle_since = max(use.idle_since, at)
        use.said_until = max(use.said_until, at + max(use.keep_s, FIXED_S))
        if not use.in_flight:
            use.ready_at, use.until = at, at + use.keep_s

    def _note_gap(self, use: Use, at: float, gap_s: float) -> None:
        use.gaps.append((at, gap_s))
        del use.gaps[:-KEPT_GAPS]
        use.is_changed = True
        fading = 0.5 ** (1 / _HALF_LIFE)
        is_cold, is_fixed_cold = not use.ready_at <= at <= use.until, gap_s > FIXED_S
        if is_cold or is_fixed_cold:
            self.cold = self.cold * fading + is_cold
            self.fixed_cold = self.fixed_cold * fading + is_fixed_cold
