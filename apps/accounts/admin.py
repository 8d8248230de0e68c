"""Accounts in the owners' admin: to look things up; what has rules is done on the People page."""

from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from apps.accounts import ledger_admin  # noqa: F401 - registers the ledger's tables
from apps.accounts.models import ApiKey, Invitation, Membership, Organization, RateClass, SignInLink, User
from apps.accounts.services.keys import revoke_key_of_anybody
from apps.accounts.services.people import disable_person, enable_person
from olympus.kernel.admin import LookOnly
from olympus.kernel.errors import OlympusError


def _change_password_on_our_page(request: HttpRequest, extra_context: object = None) -> HttpResponseRedirect:
    """Where the audit log hears of it."""
    return redirect("account_change_password")


# Rules and the audit log are on our own pages; these tables would be edited past them.
for _model in (Group, EmailAddress, Authenticator, UserSession):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
# The sign-in page asks for second factors, the admin's own does not.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = _change_password_on_our_page  # type: ignore[method-assign, assignment]
admin.site.site_header = admin.site.site_title = "Olympus"
admin.site.index_title = "Administration"


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    """What the person is."""

    model = Membership
    extra = 0
    can_delete = False
    readonly_fields: ClassVar = ["organization", "role", "created_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Memberships begin with an invitation."""
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """People: their name may be mended here; doors are opened and closed by actions."""

    list_display: ClassVar = ["email", "name", "is_active", "is_staff", "last_login", "created_at"]
    list_filter: ClassVar = ["is_active", "memberships__role"]
    search_fields: ClassVar = ["email", "name"]
    fields: ClassVar = ["email", "name", "is_active", "is_staff", "last_login", "created_at"]
    readonly_fields: ClassVar = ["email", "is_active", "is_staff", "last_login", "created_at"]
    inlines: ClassVar = [MembershipInline]
    actions: ClassVar = ["disable", "enable"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People come by invitation or by the create_user command."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting a person would delete their conversations; disable them instead."""
        return False

    @admin.action(description="Disable: sign out everywhere, revoke keys")
    def disable(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """Shut the chosen people out."""
        self._each(request, queryset, disable_person)

    @admin.action(description="Enable: let them sign in again")
    def enable(self, request: HttpRequest, queryset: "QuerySet[User]") -> None:
        """Let the chosen people in."""
        self._each(request, queryset, enable_person)

    def _each(self, request: HttpRequest, people: "QuerySet[User]", work: Any) -> None:
        for user in people:
            try:
                work(actor=request.actor, user_id=user.pk)  # type: ignore[attr-defined]
            except OlympusError as error:
                self.message_user(request, f"{user}: {error.message}", messages.ERROR)


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """The team's name."""

    list_display: ClassVar = ["name", "is_default", "created_at"]
    search_fields: ClassVar = ["name"]
    fields: ClassVar = ["name", "is_default", "created_at"]
    readonly_fields: ClassVar = ["is_default", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """One organization, for now."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everything hangs from it."""
        return False


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    """Who is what."""

    list_display: ClassVar = ["user", "role", "organization", "created_at"]
    list_filter: ClassVar = ["role"]
    search_fields: ClassVar = ["user__email", "user__name"]
    list_select_related: ClassVar = ["user", "organization"]


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    """Who was asked in by whom."""

    list_display: ClassVar = ["created_at", "role", "email", "owner", "expires_at", "accepted_by", "revoked_at"]
    list_filter: ClassVar = ["role"]
    search_fields: ClassVar = ["email", "owner__email", "accepted_by__email"]
    list_select_related: ClassVar = ["owner", "accepted_by"]
    exclude: ClassVar = ["token_hash"]


@admin.register(SignInLink)
class SignInLinkAdmin(LookOnly):
    """The first links of all."""

    list_display: ClassVar = ["created_at", "expires_at", "used_at", "used_by"]
    list_select_related: ClassVar = ["used_by"]
    exclude: ClassVar = ["token_hash"]


@admin.register(ApiKey)
class ApiKeyAdmin(LookOnly):
    """Everybody's keys, without what would open anything."""

    list_display: ClassVar = ["name", "prefix", "owner", "scopes", "last_used_at", "expires_at", "revoked_at"]
    list_filter: ClassVar = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["name", "prefix", "owner__email"]
    list_select_related: ClassVar = ["owner"]
    exclude: ClassVar = ["secret_hash"]
    actions: ClassVar = ["revoke"]

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ApiKey]") -> None:
        """End the chosen keys."""
        for key in queryset.filter(revoked_at=None):
            revoke_key_of_anybody(actor=request.actor, key_id=key.pk)  # type: ignore[attr-defined]


@admin.register(RateClass)
class RateClassAdmin(LookOnly):
    """The rate limits that are not the default; they are changed in the settings, where bounds and the log are."""

    list_display: ClassVar = ["name", "requests", "window_s", "updated_at"]
    list_filter: ClassVar = ["name"]
    search_fields: ClassVar = ["name"]
