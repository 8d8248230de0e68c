"""The REST operations of accounts by address, below /api/v1/."""

from django.urls import path

from apps.accounts.api.keys import KeysView, KeyView
from apps.accounts.api.ledger import BudgetsView, BudgetView, EntriesView, UsageView
from apps.accounts.api.limits import RateLimitsView, RateLimitView
from apps.accounts.api.me import MeUndoView, MeView
from apps.accounts.api.people import InvitationsView, InvitationView, PeopleView, PersonView
from apps.accounts.api.settings import SettingsView, SettingUndoView, SettingVersionsView, SettingView

urlpatterns = [
    path("usage", UsageView.as_view(), name="api_usage"),
    path("usage/entries", EntriesView.as_view(), name="api_usage_entries"),
    path("budgets", BudgetsView.as_view(), name="api_budgets"),
    path("budgets/<uuid:budget_id>", BudgetView.as_view(), name="api_budget"),
    path("settings", SettingsView.as_view(), name="api_settings"),
    path("settings/<str:name>", SettingView.as_view(), name="api_setting"),
    path("settings/<str:name>/versions", SettingVersionsView.as_view(), name="api_setting_versions"),
    path("settings/<str:name>/undo", SettingUndoView.as_view(), name="api_setting_undo"),
    path("me", MeView.as_view(), name="api_me"),
    path("me/undo", MeUndoView.as_view(), name="api_me_undo"),
    path("keys", KeysView.as_view(), name="api_keys"),
    path("keys/<uuid:key_id>", KeyView.as_view(), name="api_key"),
    path("people", PeopleView.as_view(), name="api_people"),
    path("people/<uuid:user_id>", PersonView.as_view(), name="api_person"),
    path("rate-limits", RateLimitsView.as_view(), name="api_rate_limits"),
    path("rate-limits/<str:name>", RateLimitView.as_view(), name="api_rate_limit"),
    path("invitations", InvitationsView.as_view(), name="api_invitations"),
    path("invitations/<uuid:invitation_id>", InvitationView.as_view(), name="api_invitation"),
]
