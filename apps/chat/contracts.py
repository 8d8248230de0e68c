"""What chat hands to pages and programs: plain, frozen views of conversations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


@dataclass(frozen=True, slots=True)
class AlsoAnswer:
    """The second answer of a comparison, and the run that writes it."""

    answer: UUID
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: the ids a client needs to follow its answer.

    `message` is the person's message, `answer` the one being written, `also` the second one
    of a comparison. `is_repeat` tells that the message had been taken before.
    """

    conversation: UUID
    message: UUID | None
    answer: UUID
    run_id: UUID
    state: str
    is_repeat: bool = False
    also: AlsoAnswer | None = None


@dataclass(frozen=True, slots=True)
class Siblings:
    """Where a message stands among those in its place, counted from 1; a comparison counts as one."""

    index: int
    count: int
    previous: UUID | None
    next: UUID | None


class StoredMessage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message of a temporary conversation, and the shape in which pages read any message."""

    id: UUID
    role: str
    created_at: datetime
    parent: UUID | None = None
    depth: int = 0
    text: str = ""
    thinking: str = ""
    tool_calls: list[dict[str, Any]] = []
    attachments: list[UUID] = []
    run_id: UUID | None = None
    state: str = "complete"
    model: str = ""
    provider: str = ""
    options: dict[str, Any] = {}
    comparison_id: UUID | None = None
    context: dict[str, Any] | None = None
    route: dict[str, Any] | None = None
    token_count: int = 0
    left_out_count: int = 0
    error_code: str = ""
    error_message: str = ""
