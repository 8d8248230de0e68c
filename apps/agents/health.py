"""Readiness: is a worker there to take runs."""

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.agents.leases import has_live_worker
from olympus.kernel.errors import Unavailable
from olympus.kernel.health import register_check


def register() -> None:
    """This will add the worker's heartbeat to /readyz."""
    register_check("worker", _worker_lives)


def _worker_lives() -> None:
    if not has_live_worker(now=timezone.now()):
        raise Unavailable(_("No worker has given a sign of life; answers wait until one does."))
