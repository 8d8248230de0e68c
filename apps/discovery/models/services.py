"""Services that were found, what the owner said of each, and how each has been."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.discovery.contracts import MODEL_SERVERS, TROUBLED, HealthState, Lifecycle, ServiceKind
from olympus.kernel.fields import EncryptedTextField
from olympus.kernel.ids import uuid7


class KindChoices(models.TextChoices):
    """The products by the names people know them by."""

    OLLAMA = ServiceKind.OLLAMA.value, "Ollama"
    LLAMACPP = ServiceKind.LLAMACPP.value, "llama.cpp"
    VLLM = ServiceKind.VLLM.value, "vLLM"
    SGLANG = ServiceKind.SGLANG.value, "SGLang"
    LM_STUDIO = ServiceKind.LM_STUDIO.value, "LM Studio"
    LOCALAI = ServiceKind.LOCALAI.value, "LocalAI"
    TGI = ServiceKind.TGI.value, "TGI"
    LITELLM = ServiceKind.LITELLM.value, "LiteLLM"
    MODEL_RUNNER = ServiceKind.MODEL_RUNNER.value, "Docker Model Runner"
    OPENAI = ServiceKind.OPENAI.value, _("OpenAI-compatible server")
    OLYMPUS = ServiceKind.OLYMPUS.value, "Olympus"
    MCP = ServiceKind.MCP.value, _("MCP server")
    REDIS = ServiceKind.REDIS.value, "Redis"
    POSTGRES = ServiceKind.POSTGRES.value, "Postgres"
    SEARXNG = ServiceKind.SEARXNG.value, "SearXNG"


class LifecycleChoices(models.TextChoices):
    """What was said of a service, with words for people."""

    PROPOSED = Lifecycle.PROPOSED.value, _("Found")
    ACCEPTED = Lifecycle.ACCEPTED.value, _("Added")
    IGNORED = Lifecycle.IGNORED.value, _("Ignored")


class HealthChoices(models.TextChoices):
    """How a service is, with words for people."""

    UNKNOWN = HealthState.UNKNOWN.value, _("not asked yet")
    HEALTHY = HealthState.HEALTHY.value, _("ready")
    BUSY = HealthState.BUSY.value, _("busy")
    WARMING = HealthState.WARMING.value, _("loading a model")
    DEGRADED = HealthState.DEGRADED.value, _("unsteady")
    CONFIG_ERROR = HealthState.CONFIG_ERROR.value, _("refuses Olympus")
    RATE_LIMITED = HealthState.RATE_LIMITED.value, _("wants a pause")
    UNHEALTHY = HealthState.UNHEALTHY.value, _("failing")
    OFFLINE = HealthState.OFFLINE.value, _("not answering")


class ProofState(models.TextChoices):
    """How far the proof is that a service does what it says."""

    NONE = "none", _("not tested")
    ASKED = "asked", _("testing")
    PASSED = "passed", _("works")
    FAILED = "failed", _("failed")


class Service(models.Model):
    """Something a scan found, or that the organization already uses; known by `identity`, wherever it is now.

    `finding` is what the last scan saw. `health_facts` is what the health engine keeps between two looks.
    `provider` is the model server it became when it was accepted; `owns_provider` that it was made for it.
    `moved_to` is an address at which something claims to be this service without proof.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=KindChoices)
    identity = models.CharField(max_length=200)
    name = models.CharField(_("name"), max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=500, blank=True)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(default=0)
    source = models.CharField(_("found by"), max_length=60, blank=True)
    lifecycle = models.CharField(max_length=10, choices=LifecycleChoices, default=LifecycleChoices.PROPOSED)
    stale_since = models.DateTimeField(_("gone since"), null=True, blank=True)
    finding = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    proof = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    proof_state = models.CharField(max_length=10, choices=ProofState, default=ProofState.NONE)
    proof_asked_at = models.DateTimeField(null=True, blank=True)
    health = models.CharField(_("health"), max_length=20, choices=HealthChoices, default=HealthChoices.UNKNOWN)
    health_since = models.DateTimeField(null=True, blank=True)
    health_facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    provider = models.ForeignKey(
        "inference.Provider", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=True
    )
    owns_provider = models.BooleanField(default=False)
    api_key = EncryptedTextField(_("key"), blank=True, default="")
    moved_to = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("service")
        ordering: ClassVar = ["-first_seen_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "identity"], name="service_identity_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "lifecycle"], name="service_lifecycle"),
            models.Index(fields=["organization", "host", "port"], name="service_place"),
        ]

    def __str__(self) -> str:
        return self.name or self.url

    @property
    def has_key(self) -> bool:
        """Whether a key is stored for it or for the provider it became; decrypts neither."""
        return bool(self.__dict__.get("api_key")) or (self.provider is not None and self.provider.has_key)

    @property
    def is_troubled(self) -> bool:
        """Whether it is in use and does not serve; one whose model server was turned off or removed is not in use."""
        is_off = ServiceKind(self.kind) in MODEL_SERVERS if self.provider is None else not self.provider.is_enabled
        return self.lifecycle == Lifecycle.ACCEPTED and self.health in TROUBLED and not is_off


class ServiceHealth(models.Model):
    """A service became so at that time; the newest of each service are kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="history")
    state = models.CharField(max_length=20, choices=HealthChoices)
    detail = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("health")
        verbose_name_plural = _("health history")
        ordering: ClassVar = ["-since", "-id"]
        indexes: ClassVar = [models.Index(fields=["service", "-since", "-id"], name="service_health_newest")]

    def __str__(self) -> str:
        return f"{self.state} {self.since:%Y-%m-%d %H:%M}"
