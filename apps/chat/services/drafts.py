"""A message about to be posted: checked, complete, and taken once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from apps.chat.access import check_writes
from apps.chat.options import TurnOptions, stored_options
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.idempotency import once
from olympus.kernel.text import clean_text

# A person's longest paste that models of today can read; a frame holds twice that.
MAX_TEXT_LENGTH = 500_000
MAX_ATTACHMENTS = 20
_MODEL_LENGTH = 200
# These belong to one request of a program; a conversation does not go on with them.
_OF_ONE_MESSAGE = frozenset({"tools", "format"})

R = TypeVar("R")


class Draft(msgspec.Struct, frozen=True):
    """What is said, and who answers how; an empty `model` is the default one, an empty `compare` no second one."""

    actor: Actor
    text: str
    model: str = ""
    options: dict[str, Any] = {}
    attachment_ids: tuple[UUID, ...] = ()
    compare: str = ""

    def within(self, settings: Mapping[str, Any]) -> "Draft":
        """This will add what a conversation's settings say and the message itself does not."""
        options = {**settings.get("options", {}), **self.options}
        return msgspec.structs.replace(self, model=self.model or settings.get("model", ""), options=options)

    def settings(self) -> dict[str, Any]:
        """This will make the settings of a conversation this message begins."""
        options = {name: value for name, value in self.options.items() if name not in _OF_ONE_MESSAGE}
        given: dict[str, Any] = {"model": self.model, "options": options}
        return {name: value for name, value in given.items() if value}


def take_once(actor: Actor, client_id: str, work: Callable[[], R], kind: type[R]) -> tuple[R, bool]:
    """This will do the work once for each `client_id`; the second part tells whether it was done now."""
    check_writes(actor)
    if not 0 < len(client_id) <= 100:
        raise Invalid(_("A frame that writes needs an id of 1 to 100 characters."), field="id")
    stored, is_new = once(actor.user_id, "live", clean_text(client_id), lambda: msgspec.to_builtins(work()))
    return msgspec.convert(stored, kind), is_new


def checked_text(text: str, attachment_ids: Sequence[UUID]) -> str:
    """This will refuse a message that is empty or too large."""
    text = clean_text(text)
    if len(text) > MAX_TEXT_LENGTH:
        raise Invalid(
            _("A message holds at most %(most)s characters; this has %(length)s.")
            % {"most": f"{MAX_TEXT_LENGTH:,}", "length": f"{len(text):,}"},
            field="text",
        )
    if len(attachment_ids) > MAX_ATTACHMENTS:
        raise Invalid(_("A message carries at most %(count)d files.") % {"count": MAX_ATTACHMENTS}, field="attachments")
    if not text.strip() and not attachment_ids:
        raise Invalid(_("Write something first."), field="text")
    return text


def checked_model(model: str | None, *, field: str = "model") -> str:
    """This will refuse a name no model has."""
    name = clean_text(model or "").strip()
    if len(name) > _MODEL_LENGTH:
        raise Invalid(_("No model has a name this long."), field=field)
    return name


def given_options(options: TurnOptions | None) -> dict[str, Any]:
    """This will keep what was asked for beside the default."""
    given = stored_options(options or TurnOptions())
    given.pop("temporary", None)
    return given
