"""`python -m olympus.runtime.serve web|worker|beat`: one process of the product, where something else supervises it."""

import os
import sys
from typing import NoReturn

from olympus.runtime.measuring import begin_metrics
from olympus.runtime.places import data_folder
from olympus.runtime.programs import beat_arguments, web_arguments, worker_arguments

PROCESSES = {
    "web": web_arguments("--host", "0.0.0.0", "--port", "8000"),  # noqa: S104 - the container's own network
    "worker": worker_arguments(with_beat=False),
    "beat": beat_arguments(),
}


def main(arguments: list[str]) -> NoReturn:
    """This will become the process that is named."""
    if len(arguments) != 1 or arguments[0] not in PROCESSES:
        sys.exit(f"usage: python -m olympus.runtime.serve {'|'.join(PROCESSES)}")
    os.environ.update(begin_metrics(data_folder()))
    os.execv(sys.executable, [sys.executable, *PROCESSES[arguments[0]]])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main(sys.argv[1:])
