"""The part of a conversation that a link shows with its branches: what hangs on the ends there were, and ways between."""

from collections.abc import Sequence
from uuid import UUID

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Which of its siblings a message is, counted from 1, and the branch to read for the one before and after."""

    index: int
    count: int
    previous: UUID | None
    next: UUID | None


def places_in(tree: Sequence[tuple[UUID, UUID | None]], leaves: Sequence[UUID]) -> dict[UUID, Place]:
    """This will place each shown message that has shown siblings.

    `tree` is (message, the one above it), in the order they were written; what came after
    the leaves is not shown.
    """
    above = dict(tree)
    newest_end: dict[UUID, UUID] = {}
    for leaf in sorted((leaf for leaf in leaves if leaf in above), reverse=True):
        at: UUID | None = leaf
        while at is not None and at in above and at not in newest_end:
            newest_end[at] = leaf
            at = above[at]
    families: dict[UUID | None, list[UUID]] = {}
    for message, parent in tree:
        if message in newest_end:
            families.setdefault(parent, []).append(message)
    return {
        message: Place(
            index=index + 1,
            count=len(family),
            previous=newest_end[family[index - 1]] if index else None,
            next=newest_end[family[index + 1]] if index + 1 < len(family) else None,
        )
        for family in families.values()
        if len(family) > 1
        for index, message in enumerate(family)
    }
