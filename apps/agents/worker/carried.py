"""A run while this worker carries it."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from apps.agents.contracts import RunState
from apps.agents.engine.transcript import Transcript
from apps.agents.leases import Claim
from apps.inference.contracts import ModelChoice


class StopReason(StrEnum):
    """Why a run was stopped from outside its own course."""

    CANCELLED = "cancelled"
    SHUTDOWN = "shutdown"
    LOST = "lost"
    REFUSED = "refused"


@dataclass(slots=True, eq=False)
class Carried:
    """One run in this process: its claim, what it said, and the task that drives it."""

    claim: Claim
    transcript: Transcript
    choice: ModelChoice | None = None
    left_out_count: int = 0
    state: RunState = RunState.PROCESSING
    stop_reason: StopReason | None = None
    is_ending: bool = False
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def stop(self, reason: StopReason) -> None:
        """This will end the run's course at its next step; the first reason holds."""
        if self.stop_reason is None and self.task is not None and not self.is_ending:
            self.stop_reason = reason
            self.task.cancel()
