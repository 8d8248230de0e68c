"""Share links: made, ended, and never more than what there was when they were made."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.agents.contracts import RunState
from apps.chat.access import conversation_for_writing
from apps.chat.access.permissions import check_writes
from apps.chat.access.transfers import share_link_for_writing
from apps.chat.errors import SharingOff
from apps.chat.models import Message, ShareLink
from apps.chat.options import may_share
from apps.chat.selectors.sharing import ends_of, hashed, share_links_of
from olympus.kernel.actor import Actor
from olympus.kernel.audit import record
from olympus.kernel.errors import Conflict, Invalid, LimitReached

# 256 bits: nobody finds one by trying.
_TOKEN_BYTES = 32
MAX_EXPIRY_DAYS = 3650
# A page pages through siblings; nobody has more branches than this on purpose.
_MAX_BRANCHES = 1000
_MAX_LINKS = 50


@transaction.atomic
def create_share_link(
    actor: Actor, *, conversation_id: UUID, expires_in_days: int | None, with_branches: bool
) -> ShareLink:
    """This will make a link to a conversation as it stands now; its `token` opens it for whoever holds it.

    Raises:
        SharingOff: an owner switched sharing off.
        Conflict: an answer is being written, or nothing was said yet.
        LimitReached: fifty links to this conversation are open.
    """
    check_writes(actor)
    if not may_share():
        raise SharingOff
    if expires_in_days is not None and not 1 <= expires_in_days <= MAX_EXPIRY_DAYS:
        raise Invalid(_("A link lasts from 1 day to 10 years, or has no end."), field="expires_in_days")
    conversation = conversation_for_writing(actor, conversation_id)
    leaf = conversation.active_leaf
    if leaf is None:
        raise Conflict(_("There is nothing to share yet. Say something first."))
    if not RunState(leaf.state).is_over:
        raise Conflict(_("The answer is still being written. Share it when it is finished, or stop it."))
    if share_links_of(actor.user_id, conversation_id=conversation.pk).count() >= _MAX_LINKS:
        raise LimitReached(_("This conversation has 50 links. Revoke one first."))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    link = ShareLink(
        organization_id=conversation.organization_id,
        owner_id=conversation.owner_id,
        conversation=conversation,
        leaf=leaf,
        title=conversation.title,
        with_branches=with_branches,
        leaves=_leaves(conversation_id, leaf) if with_branches else [],
        token_hash=hashed(token),
        token=token,
        expires_at=timezone.now() + timedelta(days=expires_in_days) if expires_in_days else None,
    )
    link.save(force_insert=True)
    record("share_link.create", actor=actor, subject=link.pk, conversation=str(conversation.pk))
    return link


@transaction.atomic
def revoke_share_link(actor: Actor, *, link_id: UUID) -> None:
    """This will end a link at once; ending it twice is no error."""
    link = share_link_for_writing(actor, link_id)
    if link.revoked_at is None:
        _revoke(link)
        record("share_link.revoke", actor=actor, subject=link.pk)


@transaction.atomic
def revoke_for_others(actor: Actor, *, link_ids: list[UUID]) -> int:
    """This will end links of anybody in the actor's organization, for whoever administers it; tells how many."""
    rows = ShareLink.objects.select_for_update(of=("self",)).filter(
        pk__in=link_ids, organization_id=actor.organization_id, revoked_at=None
    )
    links = list(rows) if actor.may_administer else []
    for link in links:
        _revoke(link)
        record("share_link.revoke", actor=actor, subject=link.pk)
    return len(links)


def _revoke(link: ShareLink) -> None:
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])


def _leaves(conversation_id: UUID, leaf: Message) -> list[str]:
    """The ends of all branches but those being written; the one being read comes first."""
    over = [state.value for state in RunState if state.is_over]
    ends = ends_of(conversation_id, limit=_MAX_BRANCHES)
    finished = Message.objects.filter(pk__in=ends, state__in=over).order_by("-id").values_list("pk", flat=True)
    return [str(leaf.pk), *(str(pk) for pk in finished if pk != leaf.pk)]
