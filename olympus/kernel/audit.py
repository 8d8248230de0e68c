"""The audit log's one verb."""

from typing import Any
from uuid import UUID

from olympus.kernel.actor import Actor
from olympus.kernel.models import AuditEntry


def record(
    action: str,
    *,
    actor: Actor | None = None,
    actor_id: UUID | None = None,
    organization_id: UUID | None = None,
    subject: object = "",
    address: str | None = None,
    **detail: Any,
) -> None:
    """This will append an entry in the caller's transaction, so that it exists iff the act does.

    `action` is `noun.verb` ("api_key.create"). No secret may be in `detail`.
    """
    AuditEntry.objects.create(
        organization_id=actor.organization_id if actor else organization_id,
        actor_id=actor.user_id if actor else actor_id,
        action=action,
        subject=str(subject)[:200],
        address=address,
        detail=detail,
    )
