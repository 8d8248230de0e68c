"""What each choice for a model would have cost in the pauses seen lately: seconds in memory, and cold starts.

Source: Shahrad et al., Serverless in the Wild, USENIX ATC 2020 (keep until a point of the histogram, fetch ahead).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from apps.inference.engine.memory.history import FIXED_S, SHORTEST_S, Keeping, Point

# A rhythm is one that was kept this often.
_WINDOW_GAPS = 4
# Points of the distribution that are tried as ends of a time: more find little more.
_QUANTILES = 10
# Times to keep that are tried whatever was seen: half as long again each, up to a day.
_GRID = tuple(SHORTEST_S * 1.5**nth for nth in range(1, 23))
# Deviations of chance that a difference must exceed to count.
_DOUBT = 1.0

# Seconds in memory, cold starts, and the times of the Keeping.
_Choice = tuple[float, float, float, float, float]


def front_of(gaps: Sequence[float], load_s: float) -> list[Point]:
    """This will price the choices, and give those worth taking: of ever fewer cold starts, each bought more dearly."""
    gaps = sorted(gaps)
    hull = _hull(sorted(_choices(gaps, load_s + SHORTEST_S)))
    return [Point(cold, memory_s, Keeping(*times)) for memory_s, cold, *times in hull]


def _choices(gaps: Sequence[float], lead_s: float) -> Iterator[_Choice]:
    """Every time to keep, alone and with every time to be back; `lead_s` is what fetching needs."""
    sums = [0.0, *accumulate(gaps)]

    def within(limit: float) -> float:
        """Sum up the pauses, each no longer than the limit."""
        place = bisect_right(gaps, limit)
        return sums[place] + (len(gaps) - place) * limit

    fixed_warm = bisect_right(gaps, FIXED_S)
    windows = []
    for start, end in _windows(gaps, lead_s):
        caught = _certain(bisect_right(gaps, end) - bisect_right(gaps, start + lead_s))
        windows.append((start, end, caught, within(end) - within(start)))
    for keep_s in _keeps(gaps):
        cold = len(gaps) - fixed_warm - _certain(bisect_right(gaps, keep_s) - fixed_warm)
        memory_s = within(keep_s)
        yield memory_s, cold, keep_s, 0.0, 0.0
        for start, end, caught, more_s in windows:
            if start > keep_s + SHORTEST_S:
                yield memory_s + more_s, cold - caught, keep_s, start, end


def _certain(spared: int) -> float:
    """What so many cold starts fewer (or more, below 0) are worth counting on: chance is a deviation of their root."""
    return spared - _DOUBT * abs(spared) ** 0.5


def _keeps(gaps: Sequence[float]) -> list[float]:
    """The fixed time, the least, and just past some of the pauses."""
    grid = _GRID[: bisect_right(_GRID, gaps[-1]) + 1]
    return [FIXED_S, SHORTEST_S, *grid, *(gaps[place] * 1.1 + SHORTEST_S for place in _places(len(gaps)))]


def _windows(gaps: Sequence[float], lead_s: float) -> Iterator[tuple[float, float]]:
    """From before one pause's end until past another's, as much wider as few samples may have missed."""
    short = bisect_right(gaps, lead_s + 2 * SHORTEST_S)
    places = [short + place for place in _places(len(gaps) - short)] if short < len(gaps) else []
    for nth, first in enumerate(places):
        for last in places[nth:]:
            count = last - first + 1
            if count >= _WINDOW_GAPS:
                margin = (gaps[last] - gaps[first]) / count + SHORTEST_S
                yield gaps[first] - margin - lead_s, gaps[last] + margin


def _places(count: int) -> list[int]:
    return sorted({round(nth * (count - 1) / _QUANTILES) for nth in range(_QUANTILES + 1)})


def _hull(choices: Sequence[_Choice]) -> list[_Choice]:
    """The lower convex hull of choices in order of memory, as far as cold starts fall."""
    hull: list[_Choice] = []
    for choice in choices:
        if hull and choice[1] >= hull[-1][1]:
            continue
        while len(hull) > 1 and _is_above(hull[-2], hull[-1], choice):
            hull.pop()
        hull.append(choice)
    return hull


def _is_above(first: _Choice, middle: _Choice, last: _Choice) -> bool:
    """Whether the middle one spares less a second than going straight from the first to the last."""
    straight = (first[1] - last[1]) * (middle[0] - first[0])
    return (first[1] - middle[1]) * (last[0] - first[0]) <= straight
