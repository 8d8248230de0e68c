"""Which models may answer a call that named a tier or `auto`: a rule over plain data."""

from collections.abc import Collection
from dataclasses import dataclass

from apps.inference.contracts import AUTO, Capability, ChatRequest, ChatRole, TierName
from apps.inference.engine.complexity import Complexity, Question, analyze, estimate_tokens
from apps.inference.engine.names import model_key
from apps.inference.engine.tiering import TIERS, Need, Order, chain, fit, lower
from apps.inference.tiers.reading import Tiering

# With less than a tenth of a budget left the questions to come are worth more than the best answer to this one.
_NEARLY_USED = 0.1
# So little is left that only the cheapest tier will do.
_ALMOST_GONE = 0.02
# What a message costs beside its words: its role and the marks around it.
_TOKENS_A_MESSAGE = 4
# What a picture takes at most where servers tell (a tile model with four tiles).
_TOKENS_AN_IMAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided: `wanted` is the tier asked for or found, `tier` the one that budget leaves.

    `complexity` is None where a tier was named.
    """

    wanted: TierName
    tier: TierName
    order: Order
    need: Need
    complexity: Complexity | None = None
    is_forbidden: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The models that may answer, in the order they are tried."""
        return tuple(name for name, _ in self.order.models)

    @property
    def answering(self) -> TierName:
        """The tier of the model that is tried first."""
        return self.order.models[0][1] if self.order.models else self.tier


def decide(
    tiering: Tiering,
    asked: TierName | None,
    question: Question,
    need: Need,
    *,
    allowed: Collection[str] = (),
    denied: Collection[str] = (),
    budget_left: float = 1.0,
) -> Decision:
    """This will choose for a call: `asked` is a tier, or None for `auto`.

    `allowed` are the only models a key may use, none for all; `denied` are keys of models that are not open to the
    caller; `budget_left` is the part of the caller's
    tightest budget that is left, which lowers what `auto` picks.
    """
    complexity = analyze(question) if asked is None else None
    wanted = complexity.tier if complexity else asked or TierName.BALANCED
    tier = _within_budget(wanted, budget_left) if asked is None else wanted
    candidates = chain(tiering.lists, tier, is_thrifty=tier is not wanted)
    permitted = [
        (name, one) for name, one in candidates if model_key(name) not in denied and may_choose(name, allowed, tiering)
    ]
    order = fit(permitted, tiering.models, need)
    return Decision(
        wanted=wanted,
        tier=tier,
        order=order,
        need=need,
        complexity=complexity,
        is_forbidden=not permitted and bool(candidates),
    )


def question_of(request: ChatRequest) -> Question:
    """This will take from a request what tells how hard it is: what the person said last, and what goes along."""
    asked = next((message for message in reversed(request.messages) if message.role is ChatRole.USER), None)
    return Question(
        text=asked.text if asked else "",
        conversation_tokens=_tokens_of(request),
        image_count=len(asked.images) if asked else 0,
        tool_count=len(request.tools),
        has_schema=request.response_schema is not None,
        wants_thinking=request.think is True,
    )


def need_of(question: Question, *, has_images: bool) -> Need:
    """This will tell what a model must be able to do, and how much it must read; images may have come before the question."""
    wanted = {
        Capability.CHAT: True,
        Capability.VISION: has_images,
        Capability.TOOLS: question.tool_count > 0,
        Capability.STRUCTURED_OUTPUT: question.has_schema,
        Capability.THINKING: question.wants_thinking,
    }
    capabilities = frozenset(capability for capability, is_wanted in wanted.items() if is_wanted)
    return Need(capabilities, max(question.conversation_tokens, estimate_tokens(question.text)))


def is_allowed(model: str, allowed: Collection[str]) -> bool:
    """This will tell whether a key that may use `allowed` alone may use a model of this name."""
    return not allowed or model_key(model) in {model_key(name) for name in allowed}


def may_choose(model: str, allowed: Collection[str], tiering: Tiering) -> bool:
    """This will tell whether `auto` and the tiers may stand for a model to a key that may use `allowed` alone.

    A key that names a tier may use its models so; one that names `auto` and no model, all of them.
    """
    if set(allowed) <= {AUTO}:
        return True
    tiers = [tier for tier in TIERS if tier in allowed]
    return is_allowed(model, allowed) or any(model in tiering.lists[tier] for tier in tiers)


def _tokens_of(request: ChatRequest) -> int:
    return sum(
        estimate_tokens(message.text) + _TOKENS_A_MESSAGE + _TOKENS_AN_IMAGE * len(message.images)
        for message in request.messages
    )


def _within_budget(wanted: TierName, budget_left: float) -> TierName:
    if budget_left >= _NEARLY_USED:
        return wanted
    return TierName.FAST if budget_left < _ALMOST_GONE else lower(wanted)
