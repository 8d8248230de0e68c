"""The run engine's door for other apps."""

from apps.agents.events import RunStarted
from apps.agents.following import close_hub, hub
from apps.agents.hosts import register_host
from apps.agents.selectors import live_runs_of_thread, live_threads_of, unfinished_run_for
from apps.agents.services import order_run, stop_run

__all__ = [
    "RunStarted",
    "close_hub",
    "hub",
    "live_runs_of_thread",
    "live_threads_of",
    "order_run",
    "register_host",
    "stop_run",
    "unfinished_run_for",
]
