"""The ledger in the owners' admin: entries, holds and windows to look at; what has rules is done on our own pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.accounts.contracts import BudgetMetric
from apps.accounts.ledger.words import amount_in_words, money
from apps.accounts.models import Budget, BudgetWindow, Hold, LedgerEntry, UsageDay
from olympus.kernel.admin import LookOnly, NamedValuesFilter


@admin.register(LedgerEntry)
class LedgerEntryAdmin(LookOnly):
    """Every call, newest first."""

    list_display = (
        "created_at", "owner", "model", "provider", "state", "cost", "input_tokens", "output_tokens", "ttft_ms",
        "latency_ms", "kind", "door", "api_key",
    )  # fmt: skip
    list_filter = (
        "state",
        "kind",
        "door",
        ("cache", NamedValuesFilter),
        ("tier", NamedValuesFilter),
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

    @admin.display(description=_("cost"), ordering="cost_nanousd")
    def cost(self, row: LedgerEntry) -> str:
        """In dollars."""
        return money(row.cost_nanousd)


@admin.register(UsageDay)
class UsageDayAdmin(LookOnly):
    """The sums of days."""

    list_display = (
        "day", "owner", "model", "provider", "requests", "cost", "input_tokens", "output_tokens", "errors", "cache_hits",
        "kind", "door", "api_key",
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

    @admin.display(description=_("cost"), ordering="cost_nanousd")
    def cost(self, row: UsageDay) -> str:
        """In dollars."""
        return money(row.cost_nanousd)


@admin.register(Budget)
class BudgetAdmin(LookOnly):
    """The limits; they are changed on the Budgets page, where the audit log hears of it."""

    list_display = (
        "subject",
        "amount",
        "period",
        "owner",
        "api_key",
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

    @admin.display(description=_("limit"), ordering="limit")
    def amount(self, row: Budget) -> str:
        """In what it counts."""
        return amount_in_words(BudgetMetric(row.metric), row.limit)


@admin.register(BudgetWindow)
class BudgetWindowAdmin(LookOnly):
    """What each period used and holds."""

    list_display = (
        "starts_on",
        "budget",
        "used_of_it",
        "held_of_it",
        "subject_id",
    )
    list_filter = (
        "starts_on",
        "budget__metric",
    )
    search_fields = ("subject_id",)
    list_select_related = ("budget",)

    @admin.display(description=_("used"), ordering="used")
    def used_of_it(self, row: BudgetWindow) -> str:
        """In what the budget counts."""
        return amount_in_words(BudgetMetric(row.budget.metric), row.used)

    @admin.display(description=_("held"), ordering="held")
    def held_of_it(self, row: BudgetWindow) -> str:
        """In what the budget counts."""
        return amount_in_words(BudgetMetric(row.budget.metric), row.held)


@admin.register(Hold)
class HoldAdmin(LookOnly):
    """Calls under way that a budget concerns."""

    list_display = (
        "created_at",
        "expires_at",
        "owner",
        "api_key",
        "tokens",
        "cost",
    )
    list_filter = ("expires_at",)
    search_fields = ("owner__email",)
    list_select_related = (
        "owner",
        "api_key",
    )

    @admin.display(description=_("cost"), ordering="cost_nanousd")
    def cost(self, row: Hold) -> str:
        """In dollars."""
        return money(row.cost_nanousd)
