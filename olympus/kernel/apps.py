"""The kernel as a Django app: it owns the tables everyone needs."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Settings with versions, audit entries, idempotency keys."""

    name = "olympus.kernel"
    label = "kernel"
    verbose_name = "System"
