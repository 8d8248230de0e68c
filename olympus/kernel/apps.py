"""The kernel as a Django app: it owns the tables everyone needs."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Settings with versions, audit entries, idempotency keys."""

    name = "olympus.kernel"
    label = "kernel"
    verbose_name = "System"

    def ready(self) -> None:
        """This will add the stores to the readiness checks."""
        from olympus.kernel import stores  # noqa: PLC0415 - models are loaded by now

        stores.register()
