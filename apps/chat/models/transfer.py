"""Imports and exports as jobs whose progress anybody may watch and no restart loses."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from olympus.kernel.ids import uuid7


def transfer_path(job: "TransferJob", filename: str) -> str:
    """This will name a job's file by its id: what a person called it never reaches the disk."""
    return f"transfers/{job.id.hex[:2]}/{job.id.hex}-{'in' if job.kind == 'import' else 'out'}"


class TransferJob(models.Model):
    """One import or export. Doing it again after a crash changes nothing that was done."""

    class Kind(models.TextChoices):
        """Which way it goes."""

        IMPORT = "import"
        EXPORT = "export"

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        ERROR = "error"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    format = models.CharField(max_length=20, blank=True, help_text="Of an import: as it was recognized.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    options = models.JSONField(default=dict, blank=True)
    file = models.FileField(upload_to=transfer_path, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    total_count = models.PositiveIntegerField(null=True)
    done_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list, blank=True, help_text="What could not be taken, and why.")
    error_message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="transfer_of_owner"),
            models.Index(fields=["heartbeat_at"], name="transfer_live", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} {self.state}"
