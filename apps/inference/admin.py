"""Inference in Django's admin: mostly to look at, since the rules live in the services."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.inference import models
from apps.inference.pages import provider_row
from apps.inference.pool.reporting import health_of
from olympus.kernel.admin import LookOnly

_SHARES = ("priority", "weight")


@admin.register(models.Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Shows everything but the key; how calls are shared can be changed, the rest has its page."""

    list_display = (
        "name", "state", "is_enabled", "kind", "base_url", "priority", "weight", "in_flight", "checked_at", "origin",
        "last_error",
    )  # fmt: skip
    list_filter = ("kind", "is_enabled", "origin")
    search_fields = ("name", "base_url")
    exclude: ClassVar = ["api_key", "catalog"]

    @admin.display(description=_("state"))
    def state(self, provider: models.Provider) -> str:
        return provider_row(provider).tag

    @admin.display(description=_("calls under way"))
    def in_flight(self, provider: models.Provider) -> int:
        return health_of(provider).in_flight

    @admin.display(description=_("models"))
    def offered(self, provider: models.Provider) -> str:
        return ", ".join(info.name for info in provider.infos)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = (field.name for field in models.Provider._meta.fields)
        return [*(name for name in fields if name not in {*_SHARES, *self.exclude}), "offered"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.save(update_fields=_SHARES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.Tier)
class TierAdmin(LookOnly):
    """Shows what each tier is; it is changed on the Routing page."""

    list_display: ClassVar = ["name", "organization", "model_names", "memory_gb", "tokens_per_s", "updated_at"]
    list_filter: ClassVar = ["name"]
    search_fields: ClassVar = ["name", "uses", "organization__name"]
    list_select_related: ClassVar = ["organization"]


@admin.register(models.Price)
class PriceAdmin(LookOnly):
    """Shows what models cost; it is changed on the Prices page."""

    list_display: ClassVar = [
        "pattern",
        "provider",
        "input_usd",
        "cached_usd",
        "output_usd",
        "gpu_hour_usd",
        "updated_at",
    ]
    list_filter: ClassVar = ["provider"]
    search_fields: ClassVar = ["pattern", "provider__name"]
    list_select_related: ClassVar = ["provider"]


@admin.register(models.MemoryPin)
class MemoryPinAdmin(LookOnly):
    """Shows which models are pinned in a server's memory."""

    list_display: ClassVar = ["model", "provider", "pinned_by", "created_at"]
    list_filter: ClassVar = ["provider"]
    search_fields: ClassVar = ["model", "provider__name"]
    list_select_related: ClassVar = ["provider", "pinned_by"]


@admin.register(models.SemanticAnswer)
class SemanticAnswerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Shows that answers are kept, not what they say: they are a person's."""

    list_display = ("model", "organization", "embedding_model", "dimension", "created_at", "expires_at")
    list_filter = ("embedding_model",)
    search_fields = ("model", "organization__name", "scope")
    list_select_related = ("organization",)
    exclude: ClassVar = ["vector", "answer"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.ModelJob)
class ModelJobAdmin(LookOnly):
    """Shows what is and was on its way onto servers; it is ordered and cancelled on the Models page."""

    list_display: ClassVar = [
        "model",
        "kind",
        "state",
        "provider",
        "done_bytes",
        "total_bytes",
        "error_code",
        "created_at",
    ]
    list_filter: ClassVar = ["state", "kind", "provider"]
    search_fields: ClassVar = ["model", "provider__name"]
    list_select_related: ClassVar = ["provider"]
    exclude: ClassVar = ["claim"]


@admin.register(models.ModelRule)
class ModelRuleAdmin(LookOnly):
    """Shows who may use which model; it is changed on the Models page."""

    list_display: ClassVar = ["key", "organization", "roles", "updated_at"]
    search_fields: ClassVar = ["key", "organization__name"]
    list_select_related: ClassVar = ["organization"]


@admin.register(models.ModelRuleVersion)
class ModelRuleVersionAdmin(LookOnly):
    """Shows who changed when who may use a model."""

    list_display: ClassVar = ["key", "organization", "before", "value", "changed_by", "changed_at"]
    list_filter: ClassVar = ["changed_at"]
    search_fields: ClassVar = ["key", "organization__name", "changed_by__email"]
    list_select_related: ClassVar = ["organization", "changed_by"]
