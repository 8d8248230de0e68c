"""`manage.py take_up_environment`: model servers the environment names, and a local Ollama."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.facade import default_organization_id
from apps.inference.discovery import take_up_environment


class Command(BaseCommand):
    """Run at each start. Says nothing when all is as it was."""

    help = "Take up OLLAMA_HOST, OPENAI_BASE_URL and OPENAI_API_KEY, and look for Ollama on this machine."

    def handle(self, **_: Any) -> None:
        for sentence in take_up_environment(default_organization_id()):
            self.stdout.write(sentence)
