"""Runs: the work a server does for a person, whoever is looking."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The run engine."""

    name = "apps.agents"
    verbose_name = "Runs"

    def ready(self) -> None:
        from apps.agents import frames, health  # noqa: PLC0415 - after the models are loaded

        frames.register()
        health.register()
