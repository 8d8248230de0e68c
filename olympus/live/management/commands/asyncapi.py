"""`asyncapi`: write down the live protocol."""

from typing import Any

import yaml
from django.core.management.base import BaseCommand

from olympus.live.asyncapi import document


class Command(BaseCommand):
    """Prints the AsyncAPI document; docs/asyncapi.yaml is this command's output."""

    help = "Print the live protocol as an AsyncAPI document."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110), ending="")
