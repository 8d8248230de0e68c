"""The tables of accounts."""

from apps.accounts.models.doors import ApiKey, Invitation, SignInLink
from apps.accounts.models.people import Membership, Organization, RoleChoices, Theme, User

__all__ = ["ApiKey", "Invitation", "Membership", "Organization", "RoleChoices", "SignInLink", "Theme", "User"]
