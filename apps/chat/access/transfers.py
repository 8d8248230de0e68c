"""Imports, exports and share links, fetched and authorized in one call."""

from uuid import UUID

from apps.chat.access.permissions import check_reads, check_writes
from apps.chat.errors import ShareLinkNotFound, TransferNotFound
from apps.chat.models import ShareLink, TransferJob
from olympus.kernel.actor import Actor


def transfer_for_reading(actor: Actor, transfer_id: UUID) -> TransferJob:
    """This will fetch one of the actor's own imports or exports."""
    check_reads(actor)
    found = TransferJob.objects.filter(
        pk=transfer_id, organization_id=actor.organization_id, owner_id=actor.user_id
    ).first()
    if found is None:
        raise TransferNotFound
    return found


def transfer_for_writing(actor: Actor, transfer_id: UUID) -> TransferJob:
    """This will fetch and lock one of the actor's own imports or exports, inside a transaction."""
    check_writes(actor)
    found = (
        TransferJob.objects.select_for_update()
        .filter(pk=transfer_id, organization_id=actor.organization_id, owner_id=actor.user_id)
        .first()
    )
    if found is None:
        raise TransferNotFound
    return found


def share_link_for_writing(actor: Actor, link_id: UUID) -> ShareLink:
    """This will fetch and lock one of the actor's own share links, inside a transaction."""
    check_writes(actor)
    found = (
        ShareLink.objects.select_for_update(of=("self",))
        .filter(pk=link_id, organization_id=actor.organization_id, owner_id=actor.user_id)
        .first()
    )
    if found is None:
        raise ShareLinkNotFound
    return found
