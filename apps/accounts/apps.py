"""The accounts app: people, their organization, the ways in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, memberships, invitations, one-time links, API keys."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Declare the options and listen to allauth's signals."""
        from apps.accounts import options, subscribers  # noqa: F401, PLC0415 - both need the app registry
