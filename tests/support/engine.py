"""The run engine in a test's hands: runs with a host of the test's own, followers, workers that died."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.agents.contracts import RunOutcome, RunPrompt, RunRequest, RunState, SnapshotContent
from apps.agents.models import Run, Worker
from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, ModelChoice
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError
from olympus.kernel.ids import uuid7

HOST = "test"


@dataclass
class MemoryHost:
    """A host that keeps outcomes in memory; `refusal` is raised instead, once for each time it is listed."""

    outcomes: dict[UUID, RunOutcome] = field(default_factory=dict)
    refusals: list[OlympusError] = field(default_factory=list)

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """Ask what the run's options say."""
        said = ChatMessage(ChatRole.USER, str(request.options.get("text", "")))
        return RunPrompt(ChatRequest(model=choice.model, messages=(said,)))

    def finish(self, outcome: RunOutcome) -> None:
        """Keep the outcome, or refuse it."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.outcomes[outcome.run_id] = outcome

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """Give back what was kept."""
        for kept in self.outcomes.values():
            if kept.subject_id == subject_id:
                error = {"code": kept.error_code, "message": kept.error_message} if kept.error_code else None
                return SnapshotContent(state=kept.state, text=kept.text, error=error)
        return None


def make_run(actor: Actor, **fields: Any) -> Run:
    """Store a run of the actor's, queued unless told otherwise."""
    values: dict[str, Any] = {"host": HOST, "thread_id": uuid7(), "subject_id": uuid7(), "model": "demo", **fields}
    return Run.objects.create(organization_id=actor.organization_id, owner_id=actor.user_id, **values)


def dead_worker() -> Worker:
    """Enroll a worker whose heartbeat stopped a minute ago."""
    worker = Worker.objects.create(hostname="elsewhere", pid=1)
    Worker.objects.filter(pk=worker.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    return worker


def held_run(actor: Actor, worker: Worker, **fields: Any) -> Run:
    """Store a run a worker is writing."""
    values: dict[str, Any] = {"state": RunState.STREAMING, "attempt": 1, "started_at": timezone.now(), **fields}
    return make_run(actor, worker=worker, **values)


@dataclass
class Follower:
    """A socket's session as the hub sees one: it only gathers frames."""

    actor: Actor | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    async def send(self, event: msgspec.Struct) -> None:
        """Gather an event."""
        self.send_soon(msgspec.json.encode(event).decode())

    def send_soon(self, frame: str) -> None:
        """Gather a frame."""
        self.frames.append(msgspec.json.decode(frame))

    def at_close(self, callback: Callable[[], None]) -> None:
        """Remember whom to tell."""
        self.callbacks.append(callback)

    def close(self) -> None:
        """Be gone."""
        for callback in self.callbacks:
            callback()

    @property
    def numbers(self) -> list[int]:
        """The numbers of the frames, in the order they came."""
        return [frame["metadata"]["seq"] for frame in self.frames]

    @property
    def text(self) -> str:
        """The answer, put together as a page does; fails where there is a hole."""
        text = ""
        for frame in self.frames:
            if frame["type"] == "snapshot":
                text = frame["content"].get("text", "")
            elif frame["type"] == "token":
                offset = frame["metadata"]["offset"]
                assert offset <= len(text), "a hole in the stream"
                text = text[:offset] + frame["content"]
        return text

    @property
    def is_over(self) -> bool:
        """Whether the last event came."""
        return any(frame["type"] in {"complete", "error"} for frame in self.frames)


def said(number: int, text: str, offset: int, run_id: UUID, **more: Any) -> Mapping[str, Any]:
    """Write a token frame's plain form."""
    metadata = {"run_id": str(run_id), "seq": number, "timestamp": "2026-11-21T10:00:00Z", "offset": offset, **more}
    return {"type": "token", "content": text, "metadata": metadata}
