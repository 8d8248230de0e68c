"""Models in a server's memory: the manager beside Ollama's fixed five minutes, over traces of days.

Run: python -m benchmarks.memory [--seeds 3] [--from 100] [--days 3] [--wire 20]
"""

import argparse
import asyncio
import os
from collections.abc import Iterable

from benchmarks.memory_replay import Cost, fixed, managed
from benchmarks.memory_traces import GENERATORS, HOLD_OUT, trace

_NOTHING = Cost(0.0, 0, 0.0)
_HEAD = f"{'trace':<18} {'GB hours':>19} {'less':>6} {'cold starts':>15} {'less':>6} {'waited, s':>17}"


def printed(name: str, before: Cost, after: Cost) -> None:
    """This will print a line: with five minutes, with the manager, and the difference."""
    memory = 1 - after.gb_hours / max(before.gb_hours, 1e-9)
    cold = 1 - after.cold_starts / max(before.cold_starts, 1)
    print(
        f"{name:<18} {before.gb_hours:>8.0f} → {after.gb_hours:>8.0f} {memory:>6.1%} "
        f"{before.cold_starts:>6} → {after.cold_starts:>6} {cold:>6.1%} "
        f"{before.waited_s:>7.0f} → {after.waited_s:>7.0f}",
        flush=True,
    )


def replayed(names: Iterable[str], seeds: range, days: float) -> tuple[Cost, Cost]:
    """This will replay each kind of trace with each seed and print it; returns the sums."""
    all_before = all_after = _NOTHING
    for name in names:
        traces = [trace(name, seed, days=days) for seed in seeds]
        before, after = sum(map(fixed, traces), _NOTHING), sum(map(managed, traces), _NOTHING)
        printed(name, before, after)
        all_before, all_after = all_before + before, all_after + after
    return all_before, all_after


def main() -> None:
    """This will replay all traces and print what they cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--from", type=int, default=100, dest="first", help="the first seed; below 10 it was made with")
    parser.add_argument("--days", type=float, default=3.0)
    parser.add_argument("--wire", type=float, default=20.0, help="seconds of real requests; 0 for none")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    print(f"{asked.seeds} seeds from {asked.first}, {asked.days:g} days each; five minutes → the manager")
    print(_HEAD)
    printed("all together", *replayed(GENERATORS, seeds, asked.days))
    print("\nkinds of traces it was not made with")
    printed("both together", *replayed(HOLD_OUT, seeds, asked.days))
    if asked.wire:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")
        from benchmarks.memory_wire import over_the_wire  # noqa: PLC0415 - the replay needs no Django

        print(f"\nover HTTP for {asked.wire:g} s, the clock of the server 600 times as fast")
        printed("periodic", *asyncio.run(over_the_wire(asked.wire)))


if __name__ == "__main__":
    main()
