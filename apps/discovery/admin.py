"""Discovery in Django's admin: to look at, since the rules live in the services; schedules are edited there."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.discovery import models
from olympus.kernel.admin import LookOnly


@admin.register(models.Service)
class ServiceAdmin(LookOnly):
    """What was found and what was said of it; never a key."""

    list_display: ClassVar = [
        "name", "kind", "url", "lifecycle", "health", "health_since", "stale_since", "source", "seen_at", "organization",
    ]  # fmt: skip
    list_filter: ClassVar = ["kind", "lifecycle", "health", "source"]
    search_fields: ClassVar = ["name", "url", "host", "identity"]
    list_select_related: ClassVar = ["organization"]
    exclude: ClassVar = ["api_key"]


@admin.register(models.ServiceHealth)
class ServiceHealthAdmin(LookOnly):
    """How services have been."""

    list_display: ClassVar = ["service", "state", "since", "detail"]
    list_filter: ClassVar = ["state", "since"]
    search_fields: ClassVar = ["service__name", "service__url", "detail"]
    list_select_related: ClassVar = ["service"]


@admin.register(models.Scan)
class ScanAdmin(LookOnly):
    """The record of scans."""

    list_display: ClassVar = [
        "asked_at", "trigger", "asked_by", "state", "with_networks", "host_count", "request_count", "refused_count",
        "found_count", "new_count", "was_cut", "ended_at",
    ]  # fmt: skip
    list_filter: ClassVar = ["trigger", "state", "with_networks", "asked_at"]
    search_fields: ClassVar = ["asked_by__email", "error"]
    list_select_related: ClassVar = ["asked_by"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """The list reads no audit records, which are long."""
        rows = super().get_queryset(request)
        is_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith("changelist")
        return rows.defer("touched", "found") if is_list else rows


@admin.register(models.ScanGrant)
class ScanGrantAdmin(LookOnly):
    """Consent that was given."""

    list_display: ClassVar = ["cidr", "reason", "granted_by", "granted_at", "expires_at", "revoked_at", "revoked_by"]
    list_filter: ClassVar = ["granted_at", "expires_at"]
    search_fields: ClassVar = ["cidr", "reason"]
    list_select_related: ClassVar = ["granted_by", "revoked_by"]


@admin.register(models.AcceptRule)
class AcceptRuleAdmin(LookOnly):
    """What is added without asking."""

    list_display: ClassVar = ["kind", "network", "source", "is_enabled", "made_by", "made_at"]
    list_display_links: ClassVar = ["made_at"]
    list_filter: ClassVar = ["kind", "is_enabled"]
    search_fields: ClassVar = ["network", "source"]
    list_select_related: ClassVar = ["made_by"]


@admin.register(models.Change)
class ChangeAdmin(LookOnly):
    """Every version of what was decided."""

    list_display: ClassVar = ["changed_at", "subject", "verb", "label", "changed_by", "undone_at"]
    list_filter: ClassVar = ["subject", "verb", "changed_at"]
    search_fields: ClassVar = ["label"]
    list_select_related: ClassVar = ["changed_by"]
