"""What a service showed that it can do, as people read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.discovery.models import ProofState, Service
from apps.discovery.pages.words import ability_words


@dataclass(frozen=True, slots=True)
class StepView:
    """One ability, and whether it was shown."""

    name: str
    state: str
    state_words: str
    detail: str


@dataclass(frozen=True, slots=True)
class ProofView:
    """A proof in words."""

    state: str
    words: str
    at: datetime | None
    is_running: bool
    steps: list[StepView]


def proof_view(service: Service) -> ProofView | None:
    """This will put a proof in words; None where nobody asked for one."""
    if service.proof_state == ProofState.NONE:
        return None
    shown: list[dict[str, Any]] = service.proof.get("checks") or []
    is_running = service.proof_state == ProofState.ASKED
    at = parse_datetime(str(service.proof.get("at") or ""))
    return ProofView(
        state=service.proof_state,
        words=_words(service.proof_state, str(service.proof.get("error") or "")),
        at=None if is_running else at,
        is_running=is_running,
        steps=[] if is_running else [_step(each) for each in shown],
    )


def _words(state: str, error: str) -> str:
    if state == ProofState.ASKED:
        return _("It is being tested: it lists its models and answers a word or two.")
    if state == ProofState.PASSED:
        return _("It did what it says.")
    return _("It did not do what it says. %(why)s") % {"why": error} if error else _("It did not do all that it says.")


def _step(shown: dict[str, Any]) -> StepView:
    has_passed = bool(shown.get("has_passed"))
    took = shown.get("took_ms")
    parts = (
        str(shown.get("model") or ""),
        _("%(n)s ms") % {"n": took} if isinstance(took, int) else "",
        str(shown.get("detail") or ""),
    )
    return StepView(
        name=ability_words(str(shown.get("ability") or "")),
        state="passed" if has_passed else "failed",
        state_words=_("works") if has_passed else _("failed"),
        detail=" · ".join(part for part in parts if part),
    )
