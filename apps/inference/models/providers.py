"""Providers: model servers an organization uses, with the models each offered last."""

from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.inference.contracts import ModelInfo, ProviderKind
from olympus.kernel.fields import EncryptedTextField
from olympus.kernel.ids import uuid7


class KindChoices(models.TextChoices):
    """The kinds of provider a row can be; the built-in engine needs none."""

    OLLAMA = ProviderKind.OLLAMA.value, _("Ollama")
    OPENAI = ProviderKind.OPENAI.value, _("OpenAI-compatible")
    SCRIPTED = ProviderKind.SCRIPTED.value, _("Scripted (for demonstrations)")


class Origin(models.TextChoices):
    """How a provider came to be known."""

    ADDED = "added", _("Added here")
    ENVIRONMENT = "environment", _("Environment variable")
    FOUND = "found", _("Found on this machine")


class Provider(models.Model):
    """A model server. It belongs to the organization; `added_by` is empty if Olympus took it up itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=20, choices=KindChoices)
    base_url = models.CharField(_("address"), max_length=500, blank=True)
    api_key = EncryptedTextField(_("key"), blank=True, default="")
    is_enabled = models.BooleanField(_("used"), default=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=10, help_text=_("Servers of the lowest number are asked first.")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=10, help_text=_("Its share among servers of one priority; 0 only when no other is left.")
    )
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.ADDED, editable=False)
    catalog = models.JSONField(default=list, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("provider")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="provider_name_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in KindChoices]), name="provider_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def infos(self) -> list[ModelInfo]:
        """The models it offered when it was last asked."""
        return msgspec.convert(self.catalog, list[ModelInfo])

    @property
    def has_key(self) -> bool:
        """Whether a key is stored; does not decrypt it."""
        return bool(self.__dict__.get("api_key"))


def catalog_of(infos: list[ModelInfo]) -> list[dict[str, Any]]:
    """This will turn models into what the `catalog` column holds."""
    return [
        {
            "name": info.name,
            "capabilities": sorted(info.capabilities),
            "context_length": info.context_length,
            "size_bytes": info.size_bytes,
            "is_loaded": info.is_loaded,
            "goes_on": info.goes_on,
            "digest": info.digest,
            "family": info.family,
            "parameter_size": info.parameter_size,
            "quantization": info.quantization,
            "vram_bytes": info.vram_bytes,
        }
        for info in infos
    ]
