"""Which models a key may be held to: the app that knows models tells their names."""

from collections.abc import Callable
from uuid import UUID

NamesOf = Callable[[UUID], list[str]]
_sources: list[NamesOf] = []


def register_model_names(names_of: NamesOf) -> None:
    """This will offer the models of an organization where a key's are chosen; call it in `ready()`."""
    _sources.append(names_of)


def model_names(organization_id: UUID) -> list[str]:
    """This will list the models an organization can ask now, in the order people are shown them."""
    return list(dict.fromkeys(name for names_of in _sources for name in names_of(organization_id)))
