"""The tables of accounts."""

from apps.accounts.models.doors import ApiKey, Invitation, SignInLink
from apps.accounts.models.people import Membership, Organization, RoleChoices, User

__all__ = ["ApiKey", "Invitation", "Membership", "Organization", "RoleChoices", "SignInLink", "User"]
