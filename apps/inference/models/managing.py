"""What is asked of model servers and takes long, and who may use which model."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from olympus.kernel.ids import uuid7


class ModelJob(models.Model):
    """One model on its way onto one server or into its memory: pulled, made there from another, or loaded.

    It belongs to the server and outlives pages and workers. `key` is the name without `:latest`, by which
    two names are one model. `claim` names the worker that is at it, `heartbeat_at` tells that it lives.
    """

    class Kind(models.TextChoices):
        """How the model comes to be there."""

        PULL = "pull", _("Pull")
        CREATE = "create", _("Create")
        LOAD = "load", _("Load")

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("under way")
        COMPLETE = "complete", _("done")
        ERROR = "error", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    provider = models.ForeignKey("Provider", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    model = models.CharField(_("model"), max_length=200)
    key = models.CharField(max_length=200)
    spec = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=200, blank=True)
    total_bytes = models.PositiveBigIntegerField(null=True)
    done_bytes = models.PositiveBigIntegerField(default=0)
    bytes_per_s = models.PositiveBigIntegerField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_words = models.CharField(max_length=500, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("model on its way")
        verbose_name_plural = _("models on their way")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["organization", "-id"], name="model_job_of_organization")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "key"], name="model_job_once", condition=Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.model} {self.state}"


class ModelRule(models.Model):
    """Who may use a model; one without a rule is everybody's. Owners may use all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("model"), max_length=200)
    roles = ArrayField(models.CharField(max_length=20), verbose_name=_("roles"), default=list, blank=True)
    user_ids = ArrayField(models.UUIDField(), verbose_name=_("people"), default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("access to a model")
        verbose_name_plural = _("access to models")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "key"], name="model_rule_once")]

    def __str__(self) -> str:
        return self.key


class ModelRuleVersion(models.Model):
    """One change of who may use a model; never changed itself. Nothing stands for everybody."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("model"), max_length=200)
    before = models.JSONField(_("before"), null=True)
    value = models.JSONField(_("after"), null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("changed by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of access to a model")
        verbose_name_plural = _("versions of access to models")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["organization", "key", "-id"], name="model_rule_newest")]

    def __str__(self) -> str:
        return f"{self.key} {self.changed_at:%Y-%m-%d %H:%M}"
