"""The discovery app: what runs nearby, proposed and never used without consent."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DiscoveryConfig(AppConfig):
    """Services that were found, scans and their consent, and the schedules of background work."""

    name = "apps.discovery"
    label = "discovery"
    verbose_name = "Discovery"

    def ready(self) -> None:
        """Keep the schedules in step with the code after each migration, and declare settings and events."""
        from apps.discovery import frames, options  # noqa: F401, PLC0415 - need the app registry

        frames.register()
        post_migrate.connect(_keep_schedules, sender=self, dispatch_uid="discovery.schedules")


def _keep_schedules(**_: Any) -> None:
    from apps.discovery.services.schedules import declared_schedules, keep_in_step  # noqa: PLC0415 - models are loaded

    keep_in_step(declared_schedules())
