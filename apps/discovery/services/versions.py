"""Versions of what was decided: written with each change, read to take it back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from apps.discovery.models import Change, Subject
from apps.discovery.services.telling import tell_after_commit
from olympus.kernel import audit

# What can be taken back; older versions only fill the table.
_KEPT = 50
# Where a server is nobody decides; the next scan would find it there again.
MOVED = "move"
# The key before it is not kept, so there is nothing to go back to.
NEW_KEY = "new_key"


def note_change(
    row: models.Model,
    subject: Subject,
    verb: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    user_id: UUID | None,
    now: datetime,
) -> None:
    """This will keep a version, note it in the audit log, and tell open pages."""
    organization_id: UUID = row.organization_id  # type: ignore[attr-defined]  # every row here has one
    Change.objects.create(
        organization_id=organization_id,
        subject=subject,
        subject_id=row.pk,
        label=str(row)[:200],
        verb=verb,
        before=before,
        after=after,
        changed_by_id=user_id,
        changed_at=now,
    )
    old = Change.objects.filter(subject_id=row.pk).values_list("pk", flat=True)[_KEPT:]
    Change.objects.filter(pk__in=list(old)).delete()
    audit.record(f"{subject.value}.{verb}", organization_id=organization_id, actor_id=user_id, subject=row, after=after)
    tell_after_commit(organization_id)


def last_change(organization_id: UUID, subject_id: UUID) -> Change | None:
    """This will find the newest version of a subject that was not taken back."""
    rows = Change.objects.select_for_update(no_key=True).filter(organization_id=organization_id, undone_at=None)
    return rows.filter(subject_id=subject_id).exclude(verb__in=[MOVED, NEW_KEY]).first()
