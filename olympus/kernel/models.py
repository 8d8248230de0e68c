"""The tables everyone needs: settings with versions, the audit log, idempotency keys."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from olympus.kernel.ids import uuid7


class Setting(models.Model):
    """One setting of the product that was changed from its default."""

    name = models.CharField(max_length=100, primary_key=True)
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class SettingVersion(models.Model):
    """What a setting was changed to, when, and by whom; never changed itself.

    `number` counts a setting's changes from 1; `is_default`: it was given its default, whatever that is by now.
    """

    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    value = models.JSONField()
    is_default = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now_add=True)
    changed_by_id = models.UUIDField(null=True)

    class Meta:
        ordering: ClassVar = ["-changed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "number"], name="setting_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.number}"


class AuditEntry(models.Model):
    """Who did what to what; the database refuses to change or delete a row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["organization_id", "-id"]), models.Index(fields=["action", "-id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class IdempotencyKey(models.Model):
    """The answer already given to a request, kept so that a repeat gets it again."""

    owner_id = models.UUIDField()
    scope = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    response = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner_id", "scope", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.scope}:{self.key}"
