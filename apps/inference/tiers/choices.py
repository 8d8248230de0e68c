"""The choices that stand for several models: `auto` and the tiers."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.inference.contracts import AUTO, Capability, ModelChoice, ProviderKind, TierName
from apps.inference.engine.tiering import TIERS


def virtual_choices(choices: Sequence[ModelChoice]) -> list[ModelChoice]:
    """This will offer `auto` and the tiers over the models that chat; none where none is connected.

    A tier goes on with its neighbors' models, so each can do what any of the models can.
    """
    chatting = [c for c in choices if Capability.CHAT in c.capabilities and c.kind is not ProviderKind.BUILTIN]
    if not chatting:
        return []
    capabilities = frozenset(capability for choice in chatting for capability in choice.capabilities)
    longest = max(choice.context_length for choice in chatting)
    return [
        ModelChoice(
            model=tier.value if tier else AUTO,
            label=tier_label(tier) if tier else _("Auto"),
            provider_id=None,
            provider_name="Olympus",
            kind=ProviderKind.POOL,
            capabilities=capabilities,
            context_length=longest,
            tier=tier,
        )
        for tier in (None, *TIERS)
    ]


def is_virtual(choice: ModelChoice) -> bool:
    """This will tell whether the choice is `auto` or a tier; a server's own model of such a name is not."""
    is_of_pool = choice.kind is ProviderKind.POOL and choice.provider_id is None
    return is_of_pool and (choice.tier is not None or (choice.model == AUTO and choice.server_count == 1))


def tier_label(tier: TierName) -> str:
    """This will name a tier as a menu does."""
    return {TierName.FAST: _("Fast"), TierName.BALANCED: _("Balanced"), TierName.POWERFUL: _("Powerful")}[tier]


def purpose_of(tier: TierName | None) -> str:
    """This will tell what a tier, or `auto`, is good for, where nobody wrote something of their own."""
    return {
        None: _("Picks one of the three for each question"),
        TierName.FAST: _("Short questions and small jobs, answered soonest"),
        TierName.BALANCED: _("Most work: writing, code, summaries"),
        TierName.POWERFUL: _("The hardest questions; takes its time"),
    }[tier]
