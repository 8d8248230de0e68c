"""Workers told of jobs without waiting for the broker: what is not heard is found by sweeps."""

import logging
from functools import cache
from queue import SimpleQueue
from threading import Thread

from kombu.exceptions import OperationalError

from olympus.celery import app

logger = logging.getLogger(__name__)

# A broker that hangs instead of refusing holds up only the thread that talks to it. Past this many jobs
# waiting for it none is told of any more: the sweeps find them within seconds.
_MAX_UNTOLD = 1000
_untold: "SimpleQueue[tuple[str, tuple[str, ...]]]" = SimpleQueue()


def tell_worker(task: str, *args: str) -> None:
    """This will have a worker carry out a task soon; a broker that is down loses that."""
    _teller()
    if _untold.qsize() < _MAX_UNTOLD:
        _untold.put((task, args))


@cache
def _teller() -> Thread:
    """Start the process's thread that talks to the broker, once."""
    thread = Thread(target=_tell_forever, name="broker", daemon=True)
    thread.start()
    return thread


def _tell_forever() -> None:
    while True:
        task, args = _untold.get()
        try:
            app.send_task(task, args=list(args), retry=False)
        except (OperationalError, OSError):
            logger.warning("the broker is down; %s of %s was not told", task, args[0])
        except Exception:
            logger.exception("%s of %s could not be told", task, args[0])
