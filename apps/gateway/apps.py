"""The programs' door: model calls in the shapes of OpenAI, Anthropic and Ollama."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """The gateway."""

    name = "apps.gateway"
    verbose_name = "Gateway"

    def ready(self) -> None:
        from apps.gateway import options  # noqa: F401, PLC0415 - declares the settings
