"""Background jobs of the run engine, queued after commit."""

import logging
from functools import cache
from queue import SimpleQueue
from threading import Thread
from uuid import UUID

from django.db import transaction
from kombu.exceptions import OperationalError

from olympus.celery import app
from olympus.kernel.tracing import current_traceparent

logger = logging.getLogger(__name__)

# A broker that hangs instead of refusing holds up only the thread that talks to it. Past this many runs
# waiting for it none is told of any more: the sweep finds them within two seconds.
_MAX_UNTOLD = 1000
_untold: "SimpleQueue[tuple[UUID, str]]" = SimpleQueue()


def queue_run_after_commit(run_id: UUID) -> None:
    """This will tell a worker of the run once the transaction commits, without waiting for the broker.

    A broker that is down loses nothing: workers look for untold runs themselves.
    """
    transaction.on_commit(lambda: _queue(run_id))


def _queue(run_id: UUID) -> None:
    _teller()
    if _untold.qsize() < _MAX_UNTOLD:
        _untold.put((run_id, current_traceparent()))


@cache
def _teller() -> Thread:
    """Start the process's thread that talks to the broker, once."""
    thread = Thread(target=_tell_forever, name="broker", daemon=True)
    thread.start()
    return thread


def _tell_forever() -> None:
    while True:
        run_id, traceparent = _untold.get()
        order = [str(run_id), traceparent]
        try:
            app.send_task("apps.agents.tasks.take_up_run", args=order, queue="runs", retry=False)
        except (OperationalError, OSError):
            logger.warning("the broker is down; run %s waits for the sweep", run_id)
        except Exception:
            logger.exception("run %s could not be told of and waits for the sweep", run_id)
