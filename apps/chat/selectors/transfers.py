"""Reads of imports and exports."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.chat.models import TransferJob

_LIVE = (TransferJob.State.QUEUED, TransferJob.State.RUNNING)
# A worker beats every ten seconds; one that missed four is gone.
ABANDONED_AFTER = timedelta(seconds=45)


def transfers_of(owner_id: UUID) -> "QuerySet[TransferJob]":
    """This will select a person's imports and exports."""
    return TransferJob.objects.filter(owner_id=owner_id)


def live_transfers(*, owner_id: UUID | None = None) -> "QuerySet[TransferJob]":
    """This will select what waits or is at work."""
    rows = TransferJob.objects.filter(state__in=_LIVE)
    return rows if owner_id is None else rows.filter(owner_id=owner_id)


def untaken_transfers(*, now: datetime) -> list[UUID]:
    """This will list what no worker is at, oldest first."""
    idle = Q(state=TransferJob.State.QUEUED) | Q(
        state=TransferJob.State.RUNNING, heartbeat_at__lt=now - ABANDONED_AFTER
    )
    return list(TransferJob.objects.filter(idle).order_by("id").values_list("pk", flat=True)[:100])
