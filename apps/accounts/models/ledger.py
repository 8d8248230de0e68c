"""The ledger: what was used, what may be used, and what is held back for calls under way.

Costs are whole billionths of a US dollar, so that sums are exact.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.models.doors import ApiKey
from apps.accounts.models.people import Organization
from olympus.kernel.ids import uuid7


class SubjectChoices(models.TextChoices):
    """Whose budget it is."""

    ORGANIZATION = BudgetSubject.ORGANIZATION.value, _("All together")
    EVERYBODY = BudgetSubject.EVERYBODY.value, _("Each person")
    USER = BudgetSubject.USER.value, _("One person")
    KEY = BudgetSubject.KEY.value, _("One API key")


class MetricChoices(models.TextChoices):
    """What a budget counts."""

    TOKENS = BudgetMetric.TOKENS.value, _("Tokens")
    COST = BudgetMetric.COST.value, _("Cost")
    REQUESTS = BudgetMetric.REQUESTS.value, _("Requests")


class PeriodChoices(models.TextChoices):
    """When a budget begins anew, in UTC."""

    DAY = BudgetPeriod.DAY.value, _("A day")
    MONTH = BudgetPeriod.MONTH.value, _("A month")


class Budget(models.Model):
    """A limit: so much of a metric in a period, for a subject. EVERYBODY gives each person their own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(_("for"), max_length=12, choices=SubjectChoices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(_("counts"), max_length=10, choices=MetricChoices)
    period = models.CharField(_("in"), max_length=10, choices=PeriodChoices)
    limit = models.BigIntegerField(_("limit"), help_text=_("Tokens, requests, or billionths of a US dollar."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("budget")
        ordering: ClassVar = ["subject", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "subject", "owner", "api_key", "metric", "period"],
                name="budget_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(limit__gte=0), name="budget_is_not_negative"),
            models.CheckConstraint(
                condition=(
                    Q(subject=BudgetSubject.USER.value, owner__isnull=False, api_key__isnull=True)
                    | Q(subject=BudgetSubject.KEY.value, owner__isnull=True, api_key__isnull=False)
                    | Q(
                        subject__in=[BudgetSubject.ORGANIZATION.value, BudgetSubject.EVERYBODY.value],
                        owner__isnull=True,
                        api_key__isnull=True,
                    )
                ),
                name="budget_names_its_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.get_metric_display()} {self.get_period_display()}"


class BudgetWindow(models.Model):
    """What one period of a budget has used and holds; `subject_id` is the organization, person or key."""

    id = models.BigAutoField(primary_key=True)
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="windows")
    subject_id = models.UUIDField()
    starts_on = models.DateField()
    used = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("budget window")
        ordering: ClassVar = ["-starts_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["budget", "subject_id", "starts_on"], name="budget_window_once"),
            models.CheckConstraint(condition=Q(used__gte=0, held__gte=0), name="budget_window_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.starts_on}"


class Hold(models.Model):
    """What a call under way is expected to use. One that nobody settles is charged when it expires."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="+")
    windows = ArrayField(models.BigIntegerField())
    amounts = ArrayField(models.BigIntegerField(), help_text="What is held in each of the windows.")
    tokens = models.BigIntegerField()
    cost_nanousd = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("hold")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.id)


class LedgerEntry(models.Model):
    """One call as it was settled; written once, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.SET_NULL, related_name="+")
    run_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=20)
    door = models.CharField(max_length=20)
    model = models.CharField(max_length=200, blank=True)
    provider_id = models.UUIDField(null=True)
    provider = models.CharField(max_length=200, blank=True)
    tier = models.CharField(max_length=10, blank=True)
    cache = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=20)
    error_code = models.CharField(max_length=60, blank=True)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)
    cost_nanousd = models.BigIntegerField(default=0)
    gpu_ms = models.BigIntegerField(default=0)
    ttft_ms = models.PositiveIntegerField(null=True)
    latency_ms = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at"], name="ledger_of_organization"),
            models.Index(fields=["owner", "-created_at"], name="ledger_of_owner"),
            models.Index(fields=["api_key", "-created_at"], name="ledger_of_key", condition=~Q(api_key=None)),
            models.Index(F("run_id"), name="ledger_of_run", condition=~Q(run_id=None)),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.created_at:%Y-%m-%d %H:%M}"


class UsageDay(models.Model):
    """The ledger summed up: one day (UTC) of one person's or key's calls of a kind to one model on one provider."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=20)
    door = models.CharField(max_length=20)
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    requests = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    cache_hits = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    cost_nanousd = models.BigIntegerField(default=0)
    gpu_ms = models.BigIntegerField(default=0)
    latency_ms = models.BigIntegerField(default=0)
    ttft_ms = models.BigIntegerField(default=0)
    ttft_count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage by day")
        ordering: ClassVar = ["-day", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "owner", "api_key", "day", "kind", "door", "model", "provider"],
                name="usage_day_once",
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-day"], name="usage_of_organization"),
            models.Index(fields=["owner", "-day"], name="usage_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model}"
