"""The tables of accounts."""

from apps.accounts.models.doors import ApiKey, Invitation, SignInLink
from apps.accounts.models.people import Language, Membership, Organization, RoleChoices, Theme, User

__all__ = [
    "ApiKey",
    "Invitation",
    "Language",
    "Membership",
    "Organization",
    "RoleChoices",
    "SignInLink",
    "Theme",
    "User",
]
