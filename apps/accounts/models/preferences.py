"""What a person preferred, and since when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PreferenceVersion(models.Model):
    """One change of a preference by the person it is of; never changed itself."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=30)
    before = models.JSONField()
    value = models.JSONField()
    changed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of a preference")
        verbose_name_plural = _("versions of preferences")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "name", "-id"], name="preference_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.changed_at:%Y-%m-%d %H:%M}"
