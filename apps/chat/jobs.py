"""Chat's background jobs, queued after commit."""

import logging
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from olympus.celery import app

logger = logging.getLogger(__name__)


def queue_transfer_after_commit(transfer_id: UUID) -> None:
    """This will tell a worker of an import or export once the transaction commits.

    A broker that is down loses nothing: a sweep finds what nobody took up.
    """
    transaction.on_commit(lambda: queue_transfer(transfer_id))


def queue_transfer(transfer_id: UUID) -> None:
    """This will tell a worker of an import or export, now."""
    try:
        app.send_task("apps.chat.tasks.carry_out_transfer", args=[str(transfer_id)], retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker is down; transfer %s waits for the sweep", transfer_id)
