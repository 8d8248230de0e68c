"""What was changed in services, rules and grants, so that it can be undone."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from olympus.kernel.ids import uuid7


class Subject(models.TextChoices):
    """What a change is of."""

    SERVICE = "service", _("Service")
    RULE = "rule", _("Rule")
    GRANT = "grant", _("Grant")


class Change(models.Model):
    """One version: how its subject was before and is after; no secret is in either."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=10, choices=Subject)
    subject_id = models.UUIDField()
    label = models.CharField(max_length=200)
    verb = models.CharField(max_length=20)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("change")
        ordering: ClassVar = ["-changed_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-changed_at", "-id"], name="change_newest"),
            models.Index(fields=["subject_id", "-id"], name="change_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.label}"
