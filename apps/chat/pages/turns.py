"""Messages as a page shows them: turns, with comparisons put side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.agents.contracts import Route, RunState
from apps.chat.access import conversation_for_reading, temporary_for
from apps.chat.contracts import Siblings, StoredMessage
from apps.chat.engine.routes import read_route
from apps.chat.engine.windows import Ask, Node, Window, find_window
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.pages.rendering import rendered
from apps.chat.selectors import StoredTree, compared_with, siblings_of
from apps.chat.temporary import TemporaryConversation, TemporaryTree
from olympus.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file as a chip or picture."""

    id: UUID
    name: str
    url: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the page shows it; an unfinished answer is filled by its run.

    Answers being compared are one turn of the role `comparison`: it is the one the branch
    goes through, and `compared` has them all. For paging between siblings it is one place.
    """

    id: UUID
    role: str
    text: str
    html: str
    thinking: str
    state: str
    created_at: datetime
    run_id: UUID | None
    is_over: bool
    model: str
    provider: str
    error_code: str
    error_message: str
    left_out_count: int
    tool_calls: list[dict[str, Any]]
    attachments: list[AttachmentView]
    parent: UUID | None
    depth: int
    comparison: UUID | None
    options: dict[str, Any]
    context: dict[str, Any] | None
    route: Route | None
    token_count: int
    siblings: Siblings | None = None
    compared: list["Turn"] = field(default_factory=list)
    seq: int = 0


def turns_in(actor: Actor, conversation_id: UUID, ask: Ask) -> tuple[list[Turn], Window]:
    """This will compute a window of one of the actor's conversations, stored or temporary."""
    if found := temporary_for(actor, conversation_id):
        return turns_of_temporary(found, ask)
    return turns_of_stored(conversation_for_reading(actor, conversation_id), ask)


def turns_of_stored(conversation: Conversation, ask: Ask) -> tuple[list[Turn], Window]:
    """This will compute a window of a conversation in the database."""
    window = find_window(StoredTree(conversation.pk), conversation.active_leaf_id, ask)
    rows = Message.objects.in_bulk([node.id for node in window.nodes])
    compared = compared_with({node.comparison for node in window.nodes if node.comparison})
    messages = {**{row.pk: row for row in compared}, **rows}
    attachments: dict[UUID, list[AttachmentView]] = {}
    for attachment in Attachment.objects.filter(message_id__in=rows):
        attachments.setdefault(attachment.message_id or attachment.pk, []).append(_attachment(attachment))
    turns = _turns(window.nodes, messages, siblings_of(rows.keys()), attachments)
    return turns, window


def turns_of_temporary(conversation: TemporaryConversation, ask: Ask) -> tuple[list[Turn], Window]:
    """This will compute a window of a conversation in Valkey."""
    tree = TemporaryTree(conversation)
    window = find_window(tree, conversation.leaf, ask)
    siblings = {node.id: found for node in window.nodes if (found := tree.siblings_of(node.id))}
    return _turns(window.nodes, conversation.messages, siblings, {}), window


def _turns(
    nodes: Sequence[Node],
    messages: Mapping[UUID, Message | StoredMessage],
    siblings: Mapping[UUID, Siblings],
    attachments: Mapping[UUID, list[AttachmentView]],
) -> list[Turn]:
    partners: dict[UUID, list[UUID]] = {}
    for message in sorted(messages.values(), key=lambda each: each.id):
        if message.comparison_id:
            partners.setdefault(message.comparison_id, []).append(message.id)
    places = [partners.get(node.comparison, [node.id]) if node.comparison else [node.id] for node in nodes]
    html = rendered([messages[each] for place in places for each in place])
    turns = []
    for node, place in zip(nodes, places, strict=True):
        sides = [_turn(messages[each], html.get(each, ""), attachments.get(each, [])) for each in place]
        turns.append(_together(sides, node.id, siblings.get(node.id)))
    return turns


def _together(sides: Iterable[Turn], active: UUID, siblings: Siblings | None) -> Turn:
    sides = list(sides)
    turn = next(side for side in sides if side.id == active)
    if len(sides) == 1:
        return replace(turn, siblings=siblings)
    is_over = all(side.is_over for side in sides)
    return replace(turn, role="comparison", siblings=siblings, compared=sides, is_over=is_over)


def _turn(message: Message | StoredMessage, html: str, attachments: list[AttachmentView]) -> Turn:
    is_answer = message.role == Message.Role.ASSISTANT
    return Turn(
        id=message.id,
        role=message.role,
        text=message.text,
        html=html,
        thinking=message.thinking,
        state=message.state,
        created_at=message.created_at,
        run_id=message.run_id,
        is_over=not is_answer or RunState(message.state).is_over,
        model=message.model,
        provider=message.provider,
        error_code=message.error_code,
        error_message=message.error_message,
        left_out_count=message.left_out_count,
        tool_calls=list(message.tool_calls),
        attachments=attachments,
        parent=message.parent_id if isinstance(message, Message) else message.parent,
        depth=message.depth,
        comparison=message.comparison_id,
        options=message.options,
        context=message.context,
        route=read_route(message.route),
        token_count=message.token_count,
    )


def _attachment(attachment: Attachment) -> AttachmentView:
    url = reverse("attachment", args=[attachment.pk])
    return AttachmentView(attachment.pk, attachment.name, url, attachment.media_type, attachment.size_bytes)
