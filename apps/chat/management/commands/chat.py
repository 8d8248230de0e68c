"""`manage.py chat`: ask from the terminal; the answer is a run like any other and stays in the conversation list."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import actor_by_email, first_owner
from apps.agents import facade as agents
from apps.chat.services import post_message
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Asks a question for the first owner, or for whom `--user` names, and streams the answer."""

    help = "Ask a question and stream the answer to the terminal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--model", help="as list_models names it; default: the first that chats")
        parser.add_argument("--user", metavar="EMAIL", help="who asks; default: the first owner")

    def handle(self, *, question: str, model: str | None, user: str | None, **_: Any) -> None:
        try:
            actor = _actor(user)
            receipt = post_message(actor, client_id=uuid4().hex, text=question, model=model)
            error = asyncio.run(_stream(actor, receipt.run_id, self._say))
        except OlympusError as refused:
            raise CommandError(refused.message) from refused
        except KeyboardInterrupt:
            agents.stop_run(actor, run_id=receipt.run_id)
            raise CommandError("Stopped. What was written is kept in the conversation.") from None
        self._say("\n")
        if error:
            raise CommandError(error)

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()


class _Terminal:
    """A session of the live protocol that writes text as it comes."""

    def __init__(self, actor: Actor, say: Callable[[str], None]) -> None:
        self.actor = actor
        self.error: str | None = None
        self.is_over = asyncio.Event()
        self._say = say
        self._length = 0

    async def send(self, event: msgspec.Struct) -> None:
        """This will take one event."""
        self.send_soon(msgspec.json.encode(event).decode())

    def send_soon(self, frame: str) -> None:
        """This will write what a frame adds to the answer."""
        event = msgspec.json.decode(frame)
        kind, content = event["type"], event.get("content")
        if kind == "token":
            self._write(content, event["metadata"]["offset"])
        elif kind == "snapshot":
            self._write(content.get("text", ""), 0)
        elif kind in {"complete", "error"}:
            self.error = content if kind == "error" else None
            self.is_over.set()

    def at_close(self, callback: Callable[[], None]) -> None:
        """Nothing outlives the command."""

    def _write(self, text: str, offset: int) -> None:
        new = text[max(0, self._length - offset) :]
        self._length += len(new)
        self._say(new)


async def _stream(actor: Actor, run_id: UUID, say: Callable[[str], None]) -> str | None:
    terminal = _Terminal(actor, say)
    await agents.hub().follow(terminal, run_id)
    try:
        await terminal.is_over.wait()
    finally:
        await agents.close_hub()
    return terminal.error


def _actor(email: str | None) -> Actor:
    actor = actor_by_email(email) if email else first_owner()
    if actor is None:
        raise CommandError(
            f"Nobody here has the address {email}."
            if email
            else "There is no owner yet. Open the sign-in link of bin/up first, or use bin/manage create_user --owner."
        )
    return actor
