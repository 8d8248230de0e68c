"""How programs and browsers prove who they are on the REST door."""

from typing import Any

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.accounts.selectors import user_by_id
from apps.accounts.tokens import bearer_of
from olympus.kernel.actor import Actor


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer oly_…`; a wrong key is an error, never a reason to try the session."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        """Take the key's actor; the owner's row is read only if a view asks for it."""
        if bearer_of(request.headers.get("Authorization", "")) is None:
            return None
        actor: Actor | None = request._request.actor  # type: ignore[attr-defined]  # noqa: SLF001 - DRF's way to the request below
        if actor is None:
            raise exceptions.AuthenticationFailed(_("This key is unknown, revoked or expired."))
        return SimpleLazyObject(lambda: user_by_id(actor.user_id)), actor

    def authenticate_header(self, request: Request) -> str:
        """What a stranger is asked for."""
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session; changes need the CSRF token, as everywhere."""

    def enforce_csrf(self, request: Request) -> None:
        """Check Django's own request: DRF's would first refuse a forged form for its media type."""
        super().enforce_csrf(request._request)  # type: ignore[arg-type]  # noqa: SLF001 - the request below


class HasActor(BasePermission):
    """Somebody who may read, and may write if the request changes something."""

    message = _("You may not do this with your role or this key.")

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask the actor, which carries the key's scopes and the person's role."""
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None:
            return False
        return actor.may_read if request.method in SAFE_METHODS else actor.may_write


class IsPerson(BasePermission):
    """Somebody who is signed in: no key, whatever its scopes, manages an account; see `require_person`."""

    message = _("API keys cannot manage accounts. Sign in and use the settings pages.")

    def has_permission(self, request: Request, view: Any) -> bool:
        """Ask whether there is a person and no key between."""
        actor: Actor | None = getattr(request, "actor", None)
        return actor is not None and actor.api_key_id is None
