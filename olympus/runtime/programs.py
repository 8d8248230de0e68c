"""How the product's processes are started; the supervisor, the container file and compose.yaml agree on this."""

from collections.abc import Sequence


def web_arguments(*listen: str) -> list[str]:
    """This will return the arguments of Python that start the web process."""
    return ["-m", "olympus.runtime.web", *listen]


def worker_arguments(*, with_beat: bool) -> list[str]:
    """This will return the arguments of Python that start a worker, in the small layout with the scheduler inside."""
    return [*_celery("worker"), *(["-B"] if with_beat else []), *_WORKER_OPTIONS]


def beat_arguments() -> list[str]:
    """This will return the arguments of Python that start the scheduler alone."""
    return [*_celery("beat"), "-l", "warning"]


def _celery(command: str) -> Sequence[str]:
    return ["-m", "celery", "-A", "olympus", "--quiet", command]


_WORKER_OPTIONS = [
    "--pool",
    "threads",
    "-c",
    "8",
    "-Q",
    "runs,celery",
    "--without-mingle",
    "--without-gossip",
    "-l",
    "warning",
]
