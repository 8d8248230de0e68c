"""Models an owner wants in a server's memory whatever is asked."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from olympus.kernel.ids import uuid7


class MemoryPin(models.Model):
    """A model that stays in a server's memory; `model` is as the server calls it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey("Provider", on_delete=models.CASCADE, related_name="+")
    model = models.CharField(_("model"), max_length=200)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pinned model")
        ordering: ClassVar = ["provider", "model"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "model"], name="memory_pin_once")]

    def __str__(self) -> str:
        return self.model
