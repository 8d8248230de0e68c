"""The kernel's tables in the owners' admin, all to look at: the log is append only."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from olympus.kernel.models import AuditEntry, IdempotencyKey, Setting, SettingVersion


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """A list that is looked through and never edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never removed here."""
        return False


class NamedValuesFilter(admin.AllValuesFieldListFilter):
    """A filter by a column's values, in which the empty one has a name too."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Name what has none."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


@admin.register(AuditEntry)
class AuditEntryAdmin(LookOnly):
    """Who did what, newest first."""

    list_display: ClassVar = ["created_at", "action", "subject", "actor_id", "address", "detail"]
    list_filter: ClassVar = ["action", "created_at"]
    search_fields: ClassVar = ["action", "subject", "actor_id", "address", "detail"]
    show_full_result_count = False  # the log grows without end, and counting it all reads it all


@admin.register(Setting)
class SettingAdmin(LookOnly):
    """What was changed from its default."""

    list_display: ClassVar = ["name", "value", "changed_at"]
    search_fields: ClassVar = ["name"]


@admin.register(SettingVersion)
class SettingVersionAdmin(LookOnly):
    """How it came to be so."""

    list_display: ClassVar = ["name", "number", "value", "is_default", "changed_at", "changed_by_id"]
    list_filter: ClassVar = ["name"]
    search_fields: ClassVar = ["name"]


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(LookOnly):
    """Requests that would be answered the same again."""

    list_display: ClassVar = ["created_at", "scope", "key", "owner_id"]
    list_filter: ClassVar = ["scope"]
    search_fields: ClassVar = ["key"]
    exclude: ClassVar = ["response"]
