"""What `auto` or a tier would do with a text, and why, without asking any model."""

from dataclasses import dataclass
from time import perf_counter

from apps.accounts import facade as accounts
from apps.inference.contracts import AUTO, Caller, TierName
from apps.inference.engine.complexity import Question, Signal, analyze
from apps.inference.managing.permitting import denied_models
from apps.inference.tiers.budget import budget_left_now
from apps.inference.tiers.deciding import decide, need_of
from apps.inference.tiers.reading import tiering_of
from apps.inference.tiers.wording import reasons_of
from olympus.kernel.actor import Actor

_MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Explanation:
    """The tier, the models in the order they would be tried, the reasons, and what was found in the text."""

    tier: TierName
    models: tuple[str, ...]
    reasons: tuple[str, ...]
    signals: tuple[Signal, ...]
    points: int
    token_count: int
    took_us: int


def explain(actor: Actor, question: Question, *, model: str = AUTO) -> Explanation:
    """This will say what would answer a question of the actor's, held to the actor's budget and key."""
    asked = None if model == AUTO else TierName(model)
    caller = Caller(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        door="explain",
        api_key_id=actor.api_key_id,
        allowed_models=accounts.models_allowed_to(actor),
    )
    tiering = tiering_of(actor.organization_id)
    left = budget_left_now(caller) if asked is None else 1.0
    started = perf_counter()
    found = analyze(question)
    took_us = round((perf_counter() - started) * _MICROSECONDS)
    need = need_of(question, has_images=question.image_count > 0)
    denied = denied_models(actor.organization_id, actor.user_id)
    decision = decide(tiering, asked, question, need, allowed=caller.allowed_models, denied=denied, budget_left=left)
    return Explanation(
        tier=decision.tier,
        models=decision.names,
        reasons=reasons_of(decision),
        signals=found.signals,
        points=found.points,
        token_count=found.token_count,
        took_us=took_us,
    )
