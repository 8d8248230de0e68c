"""The pages of accounts that allauth does not have."""

from django.urls import path

from apps.accounts.views import appearance, budgets, doors, keys, limits, people, profile, settings, shortcuts, usage

urlpatterns = [
    path("welcome/<str:token>/", doors.welcome, name="welcome"),
    path("join/<str:token>/", doors.join, name="join"),
    path("settings/", profile.settings_start, name="settings"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/appearance/", appearance.appearance, name="appearance"),
    path("settings/appearance/undo/", appearance.undo, name="appearance_undo"),
    path("settings/shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("settings/theme/", appearance.theme, name="theme"),
    path("settings/profile/email/", profile.email, name="profile_email"),
    path("settings/security/", profile.security, name="security"),
    # allauth leads here after a factor was added or removed; ours shows all of it in one place.
    path("accounts/2fa/", profile.security),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<uuid:key_id>/", keys.key, name="key"),
    path("settings/keys/<uuid:key_id>/revoke/", keys.revoke, name="key_revoke"),
    path("settings/rate-limits/", limits.listing, name="rate_limits"),
    path("settings/rate-limits/<str:name>/", limits.change, name="rate_limit_change"),
    path("settings/rate-limits/<str:name>/reset/", limits.reset, name="rate_limit_reset"),
    path("settings/all/", settings.listing, name="all_settings"),
    path("settings/all/<str:name>/", settings.setting, name="setting"),
    path("settings/all/<str:name>/change/", settings.change, name="setting_change"),
    path("settings/all/<str:name>/reset/", settings.reset, name="setting_reset"),
    path("settings/all/<str:name>/undo/", settings.undo, name="setting_undo"),
    path("settings/usage/", usage.usage, name="usage"),
    path("settings/usage/entries.csv", usage.own_entries, name="usage_entries"),
    path("settings/budgets/", budgets.listing, name="budgets"),
    path("settings/budgets/entries.csv", usage.all_entries, name="budgets_entries"),
    path("settings/budgets/add/", budgets.add, name="budget_add"),
    path("settings/budgets/<uuid:budget_id>/change/", budgets.change, name="budget_change"),
    path("settings/budgets/<uuid:budget_id>/remove/", budgets.remove, name="budget_remove"),
    path("settings/people/", people.listing, name="people"),
    path("settings/people/invite/", people.invite, name="people_invite"),
    path("settings/people/sign-up/", people.change_sign_up, name="people_sign_up"),
    path("settings/people/invitations/<uuid:invitation_id>/withdraw/", people.withdraw, name="people_withdraw"),
    path("settings/people/<uuid:user_id>/role/", people.change_role, name="people_role"),
    path("settings/people/<uuid:user_id>/premium/", people.change_premium, name="people_premium"),
    path("settings/people/<uuid:user_id>/disable/", people.disable, name="people_disable"),
    path("settings/people/<uuid:user_id>/enable/", people.enable, name="people_enable"),
    path("settings/people/<uuid:user_id>/reset-link/", people.reset_link, name="people_reset_link"),
    path("settings/people/<uuid:user_id>/second-factors/", people.remove_second_factors, name="people_second_factors"),
]
