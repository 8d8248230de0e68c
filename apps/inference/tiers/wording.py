"""The reasons of a decision as sentences for a person."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.inference.contracts import Capability, TierName
from apps.inference.engine.complexity import Complexity, Signal, SignalKind
from apps.inference.engine.tiering import Basis, Rating
from apps.inference.tiers.choices import tier_label
from apps.inference.tiers.deciding import Decision

# More things than these make no sentence.
_MOST_NAMED = 3
_THOUSAND = 1000


def reasons_of(decision: Decision) -> tuple[str, ...]:
    """This will say why these models may answer: the tier first, then what narrowed the choice."""
    return tuple(
        sentence
        for sentence in (
            _why_this_tier(decision),
            _length(decision.complexity),
            _budget(decision),
            _left_out(decision),
            _given_up(decision),
            _neighbor(decision),
        )
        if sentence
    )


def tier_word(tier: TierName) -> str:
    """This will name a tier inside a sentence."""
    return {TierName.FAST: _("fast"), TierName.BALANCED: _("balanced"), TierName.POWERFUL: _("powerful")}[tier]


def signal_words(signal: Signal) -> str:
    """This will name what was found in a question."""
    return _WORDS[signal.kind](signal.count)


def rating_words(rating: Rating, tier: TierName) -> str:
    """This will say why a model was picked for a tier."""
    reason = {
        Basis.PARAMETERS: lambda: _("%(n)s billion parameters") % {"n": _short(rating.strength)},
        Basis.SIZE: lambda: _("about %(n)s billion parameters by its size") % {"n": _short(rating.strength)},
        Basis.NAME: lambda: _("known by its name"),
        Basis.UNKNOWN: lambda: _("nothing is known of its strength"),
    }[rating.basis]()
    if rating.tier is tier:
        return reason
    stands_in = _("no connected model is %(tier)s, this is the nearest") % {"tier": tier_word(tier)}
    return f"{reason}; {stands_in}"


def _why_this_tier(decision: Decision) -> str:
    if decision.complexity is None:
        return _("%(tier)s was asked for.") % {"tier": tier_label(decision.wanted)}
    found = [s for s in decision.complexity.signals if s.points > 0 and s.kind is not SignalKind.CONVERSATION]
    tier = tier_word(decision.wanted)
    if not found:
        return _("Short question without code: %(tier)s.") % {"tier": tier}
    said = ", ".join(signal_words(signal) for signal in found[:_MOST_NAMED])
    return _("%(found)s: %(tier)s.") % {"found": said[:1].upper() + said[1:], "tier": tier}


def _length(complexity: Complexity | None) -> str:
    signals = complexity.signals if complexity else ()
    signal = next((signal for signal in signals if signal.kind is SignalKind.CONVERSATION), None)
    return _("The conversation is about %(n)s tokens long.") % {"n": _about(signal.count)} if signal else ""


def _budget(decision: Decision) -> str:
    if decision.tier is decision.wanted:
        return ""
    return _("Your budget is nearly used: %(tier)s instead.") % {"tier": tier_word(decision.tier)}


def _left_out(decision: Decision) -> str:
    order = decision.order
    if order.reads_less:
        return _("No model reads all of it: the one that reads most comes first.")
    if order.too_small:
        n = len(order.too_small)
        return ngettext("%(n)s model cannot read all of it.", "%(n)s models cannot read all of it.", n) % {"n": n}
    if order.unable and Capability.VISION in decision.need.capabilities:
        return _("Only models that see images.")
    if order.unable and Capability.TOOLS in decision.need.capabilities:
        return _("Only models that can use tools.")
    return ""


def _given_up(decision: Decision) -> str:
    if Capability.TOOLS in decision.order.given_up:
        return _("No connected model says that it can use tools; it is asked all the same.")
    if Capability.STRUCTURED_OUTPUT in decision.order.given_up:
        return _("No connected model says that it keeps to a format; it is asked all the same.")
    return ""


def _neighbor(decision: Decision) -> str:
    if not decision.order.models or decision.answering is decision.tier:
        return ""
    words = {"tier": tier_word(decision.tier), "other": tier_word(decision.answering)}
    return _("No %(tier)s model can do this: %(other)s.") % words


def _about(count: int) -> str:
    return number_format(round(count, -2) if count > _THOUSAND else count, force_grouping=True)


def _short(number: float) -> str:
    return number_format(
        round(number, 1 if number < 10 else 0), decimal_pos=0 if number >= 10 or number == int(number) else 1
    )


def _images(n: int) -> str:
    return ngettext("one image", "%(n)s images", n) % {"n": n}


def _tools(n: int) -> str:
    return ngettext("a tool", "%(n)s tools", n) % {"n": n}


def _tokens(n: int) -> str:
    return _("%(n)s tokens of text") % {"n": _about(n)}


def _conditions(n: int) -> str:
    return ngettext("a condition", "%(n)s conditions", n) % {"n": n}


def _questions(n: int) -> str:
    return ngettext("a question", "%(n)s questions", n) % {"n": n}


_WORDS: dict[SignalKind, Callable[[int], str]] = {
    SignalKind.SIMPLE: lambda _n: _("a small job"),
    SignalKind.LENGTH: _tokens,
    SignalKind.CODE: lambda _n: _("code"),
    SignalKind.MATHS: lambda _n: _("mathematics"),
    SignalKind.REASONING: lambda _n: _("reasoning"),
    SignalKind.HARD: lambda _n: _("several steps of thought"),
    SignalKind.QUESTIONS: _questions,
    SignalKind.CONSTRAINTS: _conditions,
    SignalKind.IMAGES: _images,
    SignalKind.TOOLS: _tools,
    SignalKind.SCHEMA: lambda _n: _("a fixed format"),
    SignalKind.THINKING: lambda _n: _("thinking asked for"),
    SignalKind.CONVERSATION: lambda _n: _("a long conversation"),
}
