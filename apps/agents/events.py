"""What the run engine tells a person's open pages beside the runs they follow."""

from uuid import UUID

import msgspec

from apps.agents.contracts import RunState


class RunStarted(msgspec.Struct, tag="run.started", kw_only=True):
    """A run was ordered, perhaps in another tab; send run.resume to follow it.

    `message` is the person's message, `answer` the one being written.
    """

    run_id: UUID
    conversation: UUID
    message: UUID | None
    answer: UUID
    state: RunState


class RunOver(msgspec.Struct, tag="run.over", kw_only=True):
    """A run of this person ended."""

    run_id: UUID
    conversation: UUID
    answer: UUID
    state: RunState
