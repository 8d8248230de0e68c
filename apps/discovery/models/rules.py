"""Rules by which found services are added without asking."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.discovery.models.services import KindChoices
from olympus.kernel.ids import uuid7


class AcceptRule(models.Model):
    """What matches all that is filled in is added as soon as it is found."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=KindChoices, blank=True)
    network = models.CharField(_("network or host"), max_length=255, blank=True)
    source = models.CharField(_("found by"), max_length=60, blank=True)
    is_enabled = models.BooleanField(_("in force"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rule")
        ordering: ClassVar = ["made_at", "id"]

    def __str__(self) -> str:
        return " ".join(part for part in (self.get_kind_display(), self.network, self.source) if part)
