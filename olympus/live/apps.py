"""The live protocol as a Django app, so that its own frames register like any other."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """The one WebSocket and its protocol."""

    name = "olympus.live"
    label = "live"

    def ready(self) -> None:
        from olympus.live import protocol  # noqa: PLC0415 - registered once Django is up

        protocol.register()
