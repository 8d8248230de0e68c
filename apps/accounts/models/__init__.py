"""The tables of accounts."""

from apps.accounts.models.doors import ApiKey, Invitation, SignInLink
from apps.accounts.models.ledger import (
    Budget,
    BudgetWindow,
    Hold,
    LedgerEntry,
    MetricChoices,
    PeriodChoices,
    SubjectChoices,
    UsageDay,
)
from apps.accounts.models.limits import RateClass, RateClassChoices
from apps.accounts.models.people import Language, Membership, Organization, RoleChoices, Theme, User
from apps.accounts.models.preferences import PreferenceVersion

__all__ = [
    "ApiKey",
    "Budget",
    "BudgetWindow",
    "Hold",
    "Invitation",
    "Language",
    "LedgerEntry",
    "Membership",
    "MetricChoices",
    "Organization",
    "PeriodChoices",
    "PreferenceVersion",
    "RateClass",
    "RateClassChoices",
    "RoleChoices",
    "SignInLink",
    "SubjectChoices",
    "Theme",
    "UsageDay",
    "User",
]
