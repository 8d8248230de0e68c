"""Chat's part of the live protocol: send, stop, answer again, edit, choose a branch."""

from typing import Annotated
from uuid import UUID

import msgspec

from apps.agents import facade as agents
from apps.chat import services
from apps.chat.contracts import Receipt
from apps.chat.events import ConversationBranch, ConversationChanged
from apps.chat.options import TurnOptions
from olympus.kernel.db import in_thread
from olympus.kernel.live import Session, register_event, register_frame

_ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Model = Annotated[str, msgspec.Meta(max_length=200)]


class ChatSend(msgspec.Struct, tag="chat.send", kw_only=True, forbid_unknown_fields=True):
    """Post a message and order its answer; a repeated id is answered with the first ack.

    `compare` is a second model that answers beside the first. `steer` stops what is being
    written on the active branch, keeps its text, and has this answered next, below it.
    `project` is where a new conversation begins. Model and options that are not given are the
    conversation's own.
    """

    id: _ClientId
    text: str
    conversation: UUID | None = None
    parent: UUID | None = None
    model: _Model | None = None
    options: TurnOptions = msgspec.field(default_factory=TurnOptions)
    attachments: list[UUID] = []
    compare: _Model | None = None
    steer: bool = False
    project: UUID | None = None


class ChatStop(msgspec.Struct, tag="chat.stop", kw_only=True, forbid_unknown_fields=True):
    """Stop an answer, or withdraw one that waits; what was written is kept.

    Of a comparison both end, unless it is to be this one `alone`.
    """

    run_id: UUID
    id: str | None = None
    alone: bool = False


class ChatRegenerate(msgspec.Struct, tag="chat.regenerate", kw_only=True, forbid_unknown_fields=True):
    """Order another answer beside the one there is; `message` is an answer."""

    id: _ClientId
    message: UUID
    model: _Model | None = None
    options: TurnOptions | None = None


class ChatEdit(msgspec.Struct, tag="chat.edit", kw_only=True, forbid_unknown_fields=True):
    """Post a changed message beside the old one and order its answer.

    It keeps the old one's files unless `attachments` names those it carries.
    """

    id: _ClientId
    message: UUID
    text: str
    attachments: list[UUID] | None = None


class ChatSelect(msgspec.Struct, tag="chat.select", kw_only=True, forbid_unknown_fields=True):
    """Read the newest branch through a message from now on; of a comparison on the branch this keeps that answer.

    With `keep` also of one that is on the branch no more, as when another tab paged away meanwhile.
    """

    id: _ClientId
    message: UUID
    keep: bool = False


class ChatSeen(msgspec.Struct, tag="chat.seen", kw_only=True, forbid_unknown_fields=True):
    """The person looks at the conversation: its unread mark goes. There is no answer."""

    conversation: UUID
    id: str | None = None


class AlsoAck(msgspec.Struct, kw_only=True):
    """The second answer of a comparison, and its run."""

    answer: UUID
    run_id: UUID


class Done(msgspec.Struct, tag="done", kw_only=True):
    """The frame was taken, and there is no run to follow."""

    id: str | None
    conversation: UUID


class Ack(msgspec.Struct, tag="ack", kw_only=True, omit_defaults=True):
    """The frame was taken: what it was stored as, and the run to follow.

    `message` is the person's message, `answer` the one being written, `also` the second one of
    a comparison.
    """

    id: str | None
    run_id: UUID
    state: str
    conversation: UUID | None = None
    message: UUID | None = None
    answer: UUID | None = None
    also: AlsoAck | None = None


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
        compare=frame.compare or None,
        steer=frame.steer,
        project_id=frame.project,
    )
    await _acknowledge(session, frame.id, receipt)


async def stop(session: Session, frame: ChatStop) -> None:
    """This will stop a run of the socket's person."""
    state = await in_thread(services.stop_answer, session.actor, run_id=frame.run_id, alone=frame.alone)
    await session.send(Ack(id=frame.id, run_id=frame.run_id, state=state.value))


async def regenerate(session: Session, frame: ChatRegenerate) -> None:
    """This will order another answer and let the socket follow it."""
    receipt = await in_thread(
        services.regenerate,
        session.actor,
        client_id=frame.id,
        message_id=frame.message,
        model=frame.model or None,
        options=frame.options,
    )
    await _acknowledge(session, frame.id, receipt)


async def edit(session: Session, frame: ChatEdit) -> None:
    """This will post a changed message and let the socket follow its answer."""
    receipt = await in_thread(
        services.edit_message,
        session.actor,
        client_id=frame.id,
        message_id=frame.message,
        text=frame.text,
        attachment_ids=frame.attachments,
    )
    await _acknowledge(session, frame.id, receipt)


async def select(session: Session, frame: ChatSelect) -> None:
    """This will make another branch the active one."""
    branch = await in_thread(
        services.select_branch, session.actor, client_id=frame.id, message_id=frame.message, keeps=frame.keep
    )
    await session.send(Done(id=frame.id, conversation=branch.conversation))


async def seen(session: Session, frame: ChatSeen) -> None:
    """This will take the unread mark off a conversation."""
    await in_thread(services.mark_seen, session.actor, conversation_id=frame.conversation)


async def _acknowledge(session: Session, frame_id: str, receipt: Receipt) -> None:
    await session.send(
        Ack(
            id=frame_id,
            run_id=receipt.run_id,
            state=receipt.state,
            conversation=receipt.conversation,
            message=receipt.message,
            answer=receipt.answer,
            also=AlsoAck(answer=receipt.also.answer, run_id=receipt.also.run_id) if receipt.also else None,
        )
    )
    await agents.hub().follow(session, receipt.run_id, is_new=not receipt.is_repeat)
    if receipt.also:
        await agents.hub().follow(session, receipt.also.run_id, is_new=not receipt.is_repeat)


def register() -> None:
    """This will add chat's frames and events to the live protocol."""
    for payload, handler, is_counted in (
        (ChatSend, send, True),
        (ChatRegenerate, regenerate, True),
        (ChatEdit, edit, True),
        (ChatStop, stop, False),
        (ChatSelect, select, False),
        (ChatSeen, seen, False),
    ):
        register_frame(payload, handler, is_counted=is_counted)
    for event in (Ack, Done, ConversationChanged, ConversationBranch):
        register_event(event)
