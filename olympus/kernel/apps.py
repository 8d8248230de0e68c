"""The kernel as a Django app: it owns the tables everyone needs."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Settings with versions, audit entries, idempotency keys."""

    name = "olympus.kernel"
    label = "kernel"
    verbose_name = "System"

    def ready(self) -> None:
        """This will add the stores to the readiness checks, and send traces where they are wanted."""
        from olympus.kernel import stores, tracing  # noqa: PLC0415 - models are loaded by now

        stores.register()
        tracing.configure()
