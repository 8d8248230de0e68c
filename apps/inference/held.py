"""What a key that is held to some models may ask."""

from collections.abc import Sequence
from uuid import UUID

from apps.inference.contracts import ModelChoice
from apps.inference.selectors import Offer, named_choice
from apps.inference.tiers.choices import is_virtual
from apps.inference.tiers.deciding import is_allowed, may_choose
from apps.inference.tiers.reading import tiering_of


def held_to(
    allowed: frozenset[str], choices: Sequence[ModelChoice], offers: Sequence[Offer], organization_id: UUID
) -> list[ModelChoice]:
    """This will keep of all choices those a key may use, `auto` and the tiers if they may stand for a model of its own.

    A name with a server in it is one server's own choice, behind the others.
    """
    has_chosen = any(is_virtual(choice) for choice in choices) and _may_be_chosen_for(organization_id, allowed)
    kept = [each for each in choices if (has_chosen if is_virtual(each) else is_allowed(each.model, allowed))]
    names = {choice.model for choice in choices}
    named = [named_choice(offers, name) for name in sorted(allowed) if not is_allowed(name, names)]
    return [*kept, *(choice for choice in named if choice is not None)]


def _may_be_chosen_for(organization_id: UUID, allowed: frozenset[str]) -> bool:
    tiering = tiering_of(organization_id)
    listed = {name for names in tiering.lists.values() for name in names}
    return any(may_choose(name, allowed, tiering) for name in listed if name in tiering.models)
