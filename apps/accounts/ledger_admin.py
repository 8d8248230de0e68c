"""The ledger in the owners' admin: entries, holds and windows to look at; what has rules is done on our own pages."""

from django.contrib import admin

from apps.accounts.ledger.words import money
from apps.accounts.models import Budget, BudgetWindow, Hold, LedgerEntry, UsageDay
from olympus.kernel.admin import LookOnly


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LookOnly):
    """Every call, newest first."""

    list_display = (
        "created_at", "owner", "api_key", "kind", "door", "model", "provider", "state", "input_tokens",
        "output_tokens", "cost", "ttft_ms", "latency_ms",
    )  # fmt: skip
    list_filter = (
        "state",
        "kind",
        "door",
        "cache",
        "tier",
        "created_at",
    )
    search_fields = (
        "model",
        "provider",
        "owner__email",
        "error_code",
    )
    list_select_related = (
        "owner",
        "api_key",
    )
    show_full_result_count = False  # there may be millions, and counting them all reads them all

    @admin.display(description="cost")
    def cost(self, row: LedgerEntry) -> str:
        """In dollars."""
        return money(row.cost_nanousd)


@admin.register(UsageDay)
class UsageDayAdmin(LookOnly):
    """The sums of days."""

    list_display = (
        "day", "owner", "api_key", "kind", "door", "model", "provider", "requests", "errors", "cache_hits",
        "input_tokens", "output_tokens", "cost",
    )  # fmt: skip
    list_filter = (
        "kind",
        "door",
        "day",
    )
    search_fields = (
        "model",
        "provider",
        "owner__email",
    )
    list_select_related = (
        "owner",
        "api_key",
    )
    show_full_result_count = False

    @admin.display(description="cost")
    def cost(self, row: UsageDay) -> str:
        """In dollars."""
        return money(row.cost_nanousd)


@admin.register(Budget)
class BudgetAdmin(LookOnly):
    """The limits; they are changed on the Budgets page, where the audit log hears of it."""

    list_display = (
        "subject",
        "owner",
        "api_key",
        "metric",
        "period",
        "limit",
        "created_at",
    )
    list_filter = (
        "subject",
        "metric",
        "period",
    )
    search_fields = (
        "owner__email",
        "api_key__name",
    )
    list_select_related = (
        "owner",
        "api_key",
    )


@admin.register(BudgetWindow)
class BudgetWindowAdmin(LookOnly):
    """What each period used and holds."""

    list_display = (
        "starts_on",
        "budget",
        "subject_id",
        "used",
        "held",
    )
    list_filter = (
        "starts_on",
        "budget__metric",
    )
    search_fields = ("subject_id",)
    list_select_related = ("budget",)


@admin.register(Hold)
class HoldAdmin(LookOnly):
    """Calls under way that a budget concerns."""

    list_display = (
        "created_at",
        "expires_at",
        "owner",
        "api_key",
        "tokens",
        "cost_nanousd",
    )
    list_filter = ("expires_at",)
    search_fields = ("owner__email",)
    list_select_related = (
        "owner",
        "api_key",
    )
