"""Readiness and load: is a worker there to take runs, and how many wait for one."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.agents.leases import has_live_worker
from apps.agents.selectors import queue_of_runs
from olympus.kernel.errors import Unavailable
from olympus.kernel.health import register_check
from olympus.kernel.load import register_queue
from olympus.kernel.metrics import register_measure


def register() -> None:
    """This will add the worker's heartbeat to /readyz, and the queue of runs to the load."""
    register_check("worker", _worker_lives)
    register_queue(queue_of_runs)
    register_measure("olympus_runs", "Runs by state: waiting for a worker, or active.", ("state",), _runs_by_state)
    register_measure("olympus_worker_alive", "1 while some worker gives a sign of life.", (), _alive)


def _worker_lives() -> None:
    if not has_live_worker(now=timezone.now()):
        raise Unavailable(_("No worker has given a sign of life; answers wait until one does."))


def _runs_by_state() -> list[tuple[tuple[str, ...], float]]:
    queue = queue_of_runs()
    return [(("waiting",), queue.waiting), (("active",), queue.active)]


def _alive() -> list[tuple[tuple[str, ...], float]]:
    return [((), float(has_live_worker(now=timezone.now())))]
