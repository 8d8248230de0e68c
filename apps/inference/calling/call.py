"""What the steps of a call hand on to each other."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from apps.inference.contracts import Caller, CallEvent, CallOptions, ChatRequest, ModelChoice, TierName


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


Producer = Callable[[Call], AsyncGenerator[CallEvent, None]]
