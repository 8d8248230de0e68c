"""Prices: what a call costs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from olympus.kernel.ids import uuid7


class Price(models.Model):
    """What the models whose names match `pattern` cost; the longest pattern that matches wins.

    Prices are in US dollars: for a million tokens, an image, a minute of audio, an hour of one's own GPU.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey("Provider", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    pattern = models.CharField(_("model"), max_length=200, help_text=_("A name; * stands for anything."))
    input_usd = models.DecimalField(_("a million tokens read"), max_digits=12, decimal_places=6, default=0)
    cached_usd = models.DecimalField(
        _("a million tokens read from a cache"), max_digits=12, decimal_places=6, null=True, blank=True
    )
    output_usd = models.DecimalField(_("a million tokens written"), max_digits=12, decimal_places=6, default=0)
    image_usd = models.DecimalField(_("an image"), max_digits=12, decimal_places=6, default=0)
    audio_minute_usd = models.DecimalField(_("a minute of audio"), max_digits=12, decimal_places=6, default=0)
    gpu_hour_usd = models.DecimalField(_("an hour of GPU"), max_digits=12, decimal_places=6, default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("price")
        ordering: ClassVar = ["pattern", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "provider", "pattern"], name="price_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(input_usd__gte=0, output_usd__gte=0, image_usd__gte=0, audio_minute_usd__gte=0)
                & Q(gpu_hour_usd__gte=0)
                & (Q(cached_usd__isnull=True) | Q(cached_usd__gte=0)),
                name="price_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.pattern
