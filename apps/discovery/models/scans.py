"""Scans and the consent to them: who asked, what was touched, which networks may be looked at."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from olympus.kernel.ids import uuid7


class ScanState(models.TextChoices):
    """How far a scan is."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")


class Trigger(models.TextChoices):
    """Why a scan ran."""

    ASKED = "asked", _("somebody asked")
    START = "start", _("Olympus started")
    SCHEDULE = "schedule", _("schedule")
    COMMAND = "command", _("command line")


class Scan(models.Model):
    """The audit record of one scan; `asked_by` is empty where Olympus looked around by itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    trigger = models.CharField(_("why"), max_length=10, choices=Trigger)
    state = models.CharField(_("state"), max_length=12, choices=ScanState, default=ScanState.WAITING)
    sources = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    with_networks = models.BooleanField(_("granted networks too"), default=False)
    touched = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    host_count = models.PositiveIntegerField(default=0)
    request_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    place_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    found_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    was_cut = models.BooleanField(_("time was up"), default=False)
    error = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("scan")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(state__in=["waiting", "running"]), name="scan_one_at_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organization", "-asked_at", "-id"], name="scan_newest")]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} {self.asked_at:%Y-%m-%d %H:%M}"


class ScanGrant(models.Model):
    """The owner's consent to look at a network, with a reason and an end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    cidr = models.CharField(_("network"), max_length=50)
    ports = ArrayField(models.PositiveIntegerField(), verbose_name=_("ports"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("scan grant")
        ordering: ClassVar = ["-granted_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["organization", "-granted_at"], name="grant_newest")]

    def __str__(self) -> str:
        return self.cidr
