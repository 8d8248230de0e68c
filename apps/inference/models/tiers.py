"""Tiers: what fast, balanced and powerful mean here."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.inference.contracts import TierName as Name
from olympus.kernel.ids import uuid7


class TierName(models.TextChoices):
    """The three tiers, with words for people."""

    FAST = Name.FAST.value, _("Fast")
    BALANCED = Name.BALANCED.value, _("Balanced")
    POWERFUL = Name.POWERFUL.value, _("Powerful")


class Tier(models.Model):
    """Which models a tier is, in the order they are tried; one without a row is picked from what is connected."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("tier"), max_length=10, choices=TierName)
    model_names = ArrayField(models.CharField(max_length=200), verbose_name=_("models"), default=list, blank=True)
    memory_gb = models.FloatField(_("memory in GB"), null=True, blank=True)
    tokens_per_s = models.FloatField(_("tokens a second"), null=True, blank=True)
    uses = models.TextField(_("good for"), blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("tier")
        ordering: ClassVar = ["organization", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="tier_once"),
            models.CheckConstraint(condition=Q(name__in=[name.value for name in Name]), name="tier_name_is_known"),
        ]

    def __str__(self) -> str:
        return self.get_name_display()
