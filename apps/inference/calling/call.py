"""What the steps of a call hand on to each other."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from apps.inference.contracts import Caller, CallEvent, CallOptions, ChatRequest, ModelChoice, TierName

_GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which models may answer, in the order they are tried, and why."""

    model_names: tuple[str, ...]
    tier: TierName | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call under way."""

    caller: Caller
    choice: ModelChoice
    request: ChatRequest
    options: CallOptions
    plan: Plan

    @property
    def is_of_program(self) -> bool:
        """Whether a program asks, by the gateway: it is told who answers, but reads no reasons."""
        return self.caller.door == _GATEWAY


# Chooses whom to ask; the events it gives begin with asking.
Producer = Callable[[Call], Awaitable[AsyncGenerator[CallEvent, None]]]
