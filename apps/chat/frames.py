"""Chat's part of the live protocol: send, stop, answer again, edit."""

from typing import Annotated
from uuid import UUID

import msgspec

from apps.agents import facade as agents
from apps.chat import services
from apps.chat.contracts import Receipt
from apps.chat.events import ConversationChanged
from apps.chat.options import TurnOptions
from olympus.kernel.db import in_thread
from olympus.kernel.live import Session, register_event, register_frame

_ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Model = Annotated[str, msgspec.Meta(max_length=200)]


class ChatSend(msgspec.Struct, tag="chat.send", kw_only=True, forbid_unknown_fields=True):
    """Post a message and order its answer; a repeated id is answered with the first ack."""

    id: _ClientId
    text: str
    conversation: UUID | None = None
    parent: UUID | None = None
    model: _Model | None = None
    options: TurnOptions = msgspec.field(default_factory=TurnOptions)
    attachments: list[UUID] = []


class ChatStop(msgspec.Struct, tag="chat.stop", kw_only=True, forbid_unknown_fields=True):
    """Stop an answer, or withdraw one that waits; what was written is kept."""

    run_id: UUID
    id: str | None = None


class ChatRegenerate(msgspec.Struct, tag="chat.regenerate", kw_only=True, forbid_unknown_fields=True):
    """Order another answer beside the one there is; `message` is an answer."""

    id: _ClientId
    message: UUID
    model: _Model | None = None


class ChatEdit(msgspec.Struct, tag="chat.edit", kw_only=True, forbid_unknown_fields=True):
    """Post a changed message beside the old one and order its answer."""

    id: _ClientId
    message: UUID
    text: str


class Ack(msgspec.Struct, tag="ack", kw_only=True, omit_defaults=True):
    """The frame was taken: what it was stored as, and the run to follow.

    `message` is the person's message, `answer` the one being written.
    """

    id: str | None
    run_id: UUID
    state: str
    conversation: UUID | None = None
    message: UUID | None = None
    answer: UUID | None = None


async def send(session: Session, frame: ChatSend) -> None:
    """This will post a message and let the socket follow its answer."""
    receipt = await in_thread(
        services.post_message,
        session.actor,
        client_id=frame.id,
        text=frame.text,
        conversation_id=frame.conversation,
        parent_id=frame.parent,
        model=frame.model or None,
        options=frame.options,
        attachment_ids=frame.attachments,
    )
    await _acknowledge(session, frame.id, receipt)


async def stop(session: Session, frame: ChatStop) -> None:
    """This will stop a run of the socket's person."""
    state = await in_thread(agents.stop_run, session.actor, run_id=frame.run_id)
    await session.send(Ack(id=frame.id, run_id=frame.run_id, state=state.value))


async def regenerate(session: Session, frame: ChatRegenerate) -> None:
    """This will order another answer and let the socket follow it."""
    receipt = await in_thread(
        services.regenerate, session.actor, client_id=frame.id, message_id=frame.message, model=frame.model or None
    )
    await _acknowledge(session, frame.id, receipt)


async def edit(session: Session, frame: ChatEdit) -> None:
    """This will post a changed message and let the socket follow its answer."""
    receipt = await in_thread(
        services.edit_message, session.actor, client_id=frame.id, message_id=frame.message, text=frame.text
    )
    await _acknowledge(session, frame.id, receipt)


async def _acknowledge(session: Session, frame_id: str, receipt: Receipt) -> None:
    await session.send(
        Ack(
            id=frame_id,
            run_id=receipt.run_id,
            state=receipt.state,
            conversation=receipt.conversation,
            message=receipt.message,
            answer=receipt.answer,
        )
    )
    await agents.hub().follow(session, receipt.run_id, is_new=not receipt.is_repeat)


def register() -> None:
    """This will add chat's frames and events to the live protocol."""
    for payload, handler in ((ChatSend, send), (ChatStop, stop), (ChatRegenerate, regenerate), (ChatEdit, edit)):
        register_frame(payload, handler)
    for event in (Ack, ConversationChanged):
        register_event(event)
