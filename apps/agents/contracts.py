"""What a run is to those outside: its states, its events on the wire, its host."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import msgspec

from apps.inference.contracts import ChatRequest, ModelChoice


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    STREAMING = "streaming"
    TOOL_EXECUTION = "tool_execution"
    COMPLETE = "complete"
    ERROR = "error"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in OVER


OVER = frozenset({RunState.COMPLETE, RunState.ERROR, RunState.CANCELLED, RunState.INTERRUPTED})


class RunMetadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What every event of a run carries.

    `seq` grows by at least one an event; `offset` is where the content starts in the answer
    (or the thinking), in code points: clients splice by it. `token_count` is of the whole
    answer so far. `attempt` grows when another worker takes the run up.
    """

    run_id: UUID
    seq: int
    timestamp: datetime
    offset: int | None = None
    token_count: int | None = None
    attempt: int = 1


class RunEvent(msgspec.Struct, kw_only=True):
    """One event of a run, as sent to clients."""

    metadata: RunMetadata


class Token(RunEvent, tag="token"):
    """More of the answer's text."""

    content: str


class Thinking(RunEvent, tag="thinking"):
    """More of the model's reasoning."""

    content: str


class ToolRequest(RunEvent, tag="tool_request"):
    """The model asks for a tool: id, name, arguments."""

    content: dict[str, Any]


class ToolResult(RunEvent, tag="tool_result"):
    """What a tool answered."""

    content: dict[str, Any]


class StateContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where the run stands, who answers and why, and how many earlier messages did not fit.

    `reasons` are sentences for a person. `tier` is set where one was asked for or chosen, `cache`
    (exact, semantic) where the answer was given before.
    """

    state: RunState
    model: str | None = None
    provider: str | None = None
    left_out_count: int = 0
    reasons: list[str] = []
    tier: str = ""
    cache: str = ""


class State(RunEvent, tag="state"):
    """The run changed its state."""

    content: StateContent


class SwitchCause(StrEnum):
    """What broke off: a model server, or the worker of Olympus that listened to it."""

    SERVER = "server"
    WORKER = "worker"


class SwitchContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Who stopped and who goes on, `at` which place of the answer (code points).

    With `is_break` the other one began anew: what follows is a second part, after a blank line.
    """

    from_: str = msgspec.field(name="from")
    to: str
    at: int
    model: str = ""
    is_break: bool = False
    cause: SwitchCause = SwitchCause.SERVER


class Route(msgspec.Struct, kw_only=True):
    """Who answered and why, and where others went on; `asked` is what the model was asked for as."""

    asked: str = ""
    model: str = ""
    provider: str = ""
    tier: str = ""
    reasons: list[str] = []
    cache: str = ""
    switches: list[SwitchContent] = []


class SnapshotContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All of a run so far; it replaces what a client holds."""

    state: RunState
    text: str = ""
    thinking: str = ""
    tool_calls: list[dict[str, Any]] = []
    model: str | None = None
    provider: str | None = None
    left_out_count: int = 0
    error: dict[str, Any] | None = None
    route: Route | None = None


class Snapshot(RunEvent, tag="snapshot"):
    """All of the run so far, after a gap or a reload."""

    content: SnapshotContent


class Switch(RunEvent, tag="switch"):
    """Another worker or model server goes on with the answer."""

    content: SwitchContent


class RunError(RunEvent, tag="error"):
    """The run ended without finishing; the text so far is kept. The last event of its run.

    `code` is stable, `content` a sentence for a person; `kept_length` is in code points.
    """

    code: str
    content: str
    state: RunState = RunState.ERROR
    kept_length: int = 0


class CompleteContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the run ended; `length` is the answer's, in code points."""

    state: RunState
    length: int
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Complete(RunEvent, tag="complete"):
    """The run ended as it should, or was stopped. The last event of its run."""

    content: CompleteContent


RUN_EVENTS = (Token, Thinking, ToolRequest, ToolResult, State, Snapshot, Switch, RunError, Complete)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run as its host ordered it; `api_key_id` is the key of the program that had it ordered."""

    run_id: UUID
    organization_id: UUID
    owner_id: UUID
    thread_id: UUID
    subject_id: UUID
    options: Mapping[str, Any]
    api_key_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RunPrompt:
    """What a host gives a run to start with; `left_out_count` earlier messages did not fit.

    With `may_cache` an answer given to the same before will do; with `may_store` this one may be kept.
    """

    request: ChatRequest
    left_out_count: int = 0
    may_cache: bool = True
    may_store: bool = True


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended, as told to its host within the run's last transaction; `route` is a Route in plain form."""

    run_id: UUID
    owner_id: UUID
    thread_id: UUID
    subject_id: UUID
    state: RunState
    text: str = ""
    thinking: str = ""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    model: str = ""
    provider: str = ""
    token_count: int = 0
    prompt_tokens: int | None = None
    finish_reason: str | None = None
    error_code: str = ""
    error_message: str = ""
    left_out_count: int = 0
    route: Mapping[str, Any] | None = None


class RunHost(Protocol):
    """The app a run works for. Its methods are plain database work, called from a thread."""

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """Build the prompt for the chosen model; raises an OlympusError to end the run."""

    def finish(self, outcome: RunOutcome) -> None:
        """Store the outcome; runs inside the run's last transaction."""

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """Give back what `finish` stored, or None if it is gone."""
