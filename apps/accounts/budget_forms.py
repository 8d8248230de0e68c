"""What an owner enters about a budget."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod
from apps.accounts.ledger.whose import parse_subject, subject_choices
from apps.accounts.ledger.words import parse_limit
from apps.accounts.models import MetricChoices, PeriodChoices
from olympus.kernel.errors import Invalid

_LIMIT_CHARS = 30


class LimitForm(forms.Form):
    """Another limit for a budget."""

    limit = forms.CharField(label=_("Limit"), max_length=_LIMIT_CHARS)

    def amount(self, metric: BudgetMetric) -> int:
        """This will give the limit in what the budget counts.

        Raises:
            Invalid
        """
        return parse_limit(metric, self.cleaned_data["limit"])


class BudgetForm(forms.Form):
    """A new limit."""

    whose = forms.ChoiceField(label=_("For"))
    limit = forms.CharField(
        label=_("Limit"),
        max_length=_LIMIT_CHARS,
        help_text=_("Tokens, requests, or dollars: 100000 or 12.50."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    metric = forms.ChoiceField(label=_("Counts"), choices=MetricChoices.choices)
    period = forms.ChoiceField(label=_("In"), choices=PeriodChoices.choices, initial=BudgetPeriod.MONTH.value)

    def __init__(self, *args: Any, organization_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whose"].choices = subject_choices(organization_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the limit as what is counted."""
        cleaned: dict[str, Any] = super().clean() or {}
        if {"limit", "metric"} <= cleaned.keys():
            try:
                cleaned["amount"] = parse_limit(BudgetMetric(cleaned["metric"]), cleaned["limit"])
            except Invalid as error:
                self.add_error("limit", error.message)
        return cleaned

    def values(self) -> dict[str, Any]:
        """This will give what `add_budget` takes."""
        cleaned = self.cleaned_data
        return {
            **parse_subject(cleaned["whose"]),
            "metric": BudgetMetric(cleaned["metric"]),
            "period": BudgetPeriod(cleaned["period"]),
            "limit": cleaned["amount"],
        }
