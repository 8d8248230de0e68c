"""`manage.py add_provider`: a model server from the terminal."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import actor_by_email, first_owner
from apps.inference.contracts import ProviderKind
from apps.inference.services import add_provider
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Adds a provider on behalf of the first owner, or of whom `--user` names."""

    help = "Add a model server and ask it for its models."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", required=True, choices=["ollama", "openai", "scripted"])
        parser.add_argument("--name", required=True, help="how people see it in the model menu")
        parser.add_argument("--url", default="", help="for example http://localhost:11434 or https://api.openai.com/v1")
        parser.add_argument(
            "--key-env", metavar="VAR", help="the environment variable that holds the key; read now, stored encrypted"
        )
        parser.add_argument("--user", metavar="EMAIL", help="who adds it; default: the first owner")

    def handle(self, *, kind: str, name: str, url: str, key_env: str | None, user: str | None, **_: Any) -> None:
        if not url and kind != "scripted":
            raise CommandError("Say where the server is: --url http://…")
        try:
            provider = add_provider(
                _actor(user), kind=ProviderKind(kind), name=name, base_url=url, api_key=_key(key_env)
            )
        except OlympusError as error:
            raise CommandError(error.message) from error
        if provider.last_error:
            self.stderr.write(f"{provider.name} is added, but does not answer as it should: {provider.last_error}")
        else:
            self.stdout.write(
                f"{provider.name} is added: {len(provider.catalog)} models at {provider.base_url or 'no address'}."
            )


def _actor(email: str | None) -> Actor | None:
    if email is None:
        return first_owner()
    actor = actor_by_email(email)
    if actor is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return actor


def _key(variable: str | None) -> str:
    if variable is None:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise CommandError(f"The environment variable {variable} is not set or empty, so there is no key to store.")
    return key
