"""The run engine's door for other apps."""

from apps.agents.access import run_for_reading
from apps.agents.events import RunStarted
from apps.agents.following import close_hub, hub
from apps.agents.hosts import register_host
from apps.agents.interrupting import interrupt_runs, wait_behind
from apps.agents.selectors import (
    key_of_run,
    live_runs_of_thread,
    live_threads_of,
    matching_runs,
    place_of_run,
    unfinished_run_for,
)
from apps.agents.services import order_run, stop_run
from apps.agents.streaming import RunFrame, run_events

__all__ = [
    "RunFrame",
    "RunStarted",
    "close_hub",
    "hub",
    "interrupt_runs",
    "key_of_run",
    "live_runs_of_thread",
    "live_threads_of",
    "matching_runs",
    "order_run",
    "place_of_run",
    "register_host",
    "run_events",
    "run_for_reading",
    "stop_run",
    "unfinished_run_for",
    "wait_behind",
]
