"""Background jobs of the run engine, queued after commit."""

import logging
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from olympus.celery import app

logger = logging.getLogger(__name__)


def queue_run_after_commit(run_id: UUID) -> None:
    """This will tell a worker of the run once the transaction commits.

    A broker that is down loses nothing: workers look for untold runs themselves.
    """
    transaction.on_commit(lambda: _queue(run_id))


def _queue(run_id: UUID) -> None:
    try:
        app.send_task("apps.agents.tasks.take_up_run", args=[str(run_id)], queue="runs", retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker is down; run %s waits for the sweep", run_id)
