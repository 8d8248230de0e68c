"""The accounts app: people, their organization, the ways in."""

from django.apps import AppConfig

from apps.accounts.contracts import AccessEnded, PreferenceNews, SettingNews
from olympus.kernel.events import subscribe
from olympus.kernel.live import register_event


class AccountsConfig(AppConfig):
    """Users, memberships, invitations, one-time links, API keys."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Declare the options, listen to allauth's signals, describe the API's keys and the live events."""
        from apps.accounts import openapi, options, subscribers  # noqa: F401, PLC0415 - all need the app registry
        from olympus.kernel.options import SettingChanged  # noqa: PLC0415 - likewise

        register_event(AccessEnded)
        register_event(PreferenceNews)
        register_event(SettingNews)
        subscribe(SettingChanged, subscribers.tell_owners)
