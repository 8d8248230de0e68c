"""A runner inside the test's own process, and models to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from apps.accounts.facade import default_organization_id
from apps.agents.worker.runner import Runner
from apps.inference.models import Provider


@contextmanager
def running_worker() -> Iterator[Runner]:
    """Carry runs in this process, found by the worker's own sweep instead of told by the broker."""
    runner = Runner(sweep_s=0.02, overdue=timedelta(0))
    try:
        yield runner
    finally:
        runner.drain(0.5)


def scripted_provider() -> Provider:
    """Connect the scripted models `demo` and `echo`."""
    catalog = [
        {"name": name, "capabilities": ["chat", "vision", "tools"], "context_length": 8192} for name in ("demo", "echo")
    ]
    return Provider.objects.create(
        organization_id=default_organization_id(), name="Script", kind="scripted", catalog=catalog
    )
