"""The scheduler that a worker carries: another takes its place when it ends."""

import logging
import signal
import subprocess
import sys
from threading import Thread
from time import sleep
from typing import Any

from celery.worker import state

from olympus.runtime.process import die_with_parent
from olympus.runtime.programs import beat_arguments

logger = logging.getLogger(__name__)

# It reads its schedules from a database that may be away for minutes.
_PAUSE_S = 2.0


def keep_scheduling(scheduler: Any) -> None:
    """This will watch a worker's scheduler, a child process, and replace it as often as it ends before the worker."""
    Thread(target=_replace, args=[scheduler], name="scheduler", daemon=True).start()


def _replace(scheduler: Any) -> None:
    scheduler.join()
    end_with_the_worker = die_with_parent(signal.SIGKILL)
    while state.should_stop is None and state.should_terminate is None:
        logger.warning("the scheduler ended; it is started again")
        subprocess.run([sys.executable, *beat_arguments()], check=False, preexec_fn=end_with_the_worker)
        sleep(_PAUSE_S)
