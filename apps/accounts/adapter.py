"""How allauth is bent to Olympus: who may sign up, where mail goes, how secrets are kept."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.options import SignUp, sign_up
from apps.accounts.services.people import add_membership
from olympus.kernel import audit
from olympus.kernel.actor import Role
from olympus.kernel.crypto import decrypt, encrypt

_SECOND_FACTOR = "mfa.authenticator.secret"
# What is recorded for a client without an address, such as one on a unix socket.
_NO_ADDRESS = "0.0.0.0"  # noqa: S104 - a value to show, nothing is bound to it


def display_name(user: User) -> str:
    """This will give the name by which allauth's pages and passkeys call a person."""
    return user.get_full_name()


def is_mail_configured() -> bool:
    """This will tell whether Olympus can send mail."""
    return bool(settings.EMAIL_HOST)


def is_address_a_name(host: str) -> bool:
    """This will tell whether a host is a name; passkeys are bound to names and refuse IP addresses."""
    try:
        ipaddress.ip_address(host.rsplit(":", 1)[0].strip("[]") if "]" in host or host.count(":") == 1 else host)
    except ValueError:
        return True
    return False


def _public(url: str) -> str:
    return f"{settings.PUBLIC_URL}{urlsplit(url).path}" if settings.PUBLIC_URL else url


class AccountAdapter(DefaultAccountAdapter):
    """allauth's account pages under our policy."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only the open policy lets strangers in; invitations have a page of their own."""
        return sign_up() is SignUp.OPEN

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        """Store who signed up and make them a member."""
        user.name = str(form.cleaned_data.get("name", "")).strip()
        saved: User = super().save_user(request, user, form, commit)
        membership = add_membership(user=saved, role=Role.MEMBER)
        organization_id = membership.organization_id
        audit.record("person.sign_up", actor_id=saved.pk, organization_id=organization_id, subject=saved.pk)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send mail where there is a server for it."""
        if is_mail_configured():
            super().send_mail(template_prefix, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Lead to the public address, whatever host the request names."""
        return _public(super().get_reset_password_from_key_url(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Lead to the public address, whatever host the request names."""
        return _public(super().get_email_confirmation_url(request, emailconfirmation))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Say who calls; rate limits and session lists need something to show."""
        return request.META.get("REMOTE_ADDR") or _NO_ADDRESS

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the person came from."""
        return "/settings/security/"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors, with the secrets of authenticator apps encrypted."""

    def encrypt(self, text: str) -> str:
        """Keep a secret unreadable in the database."""
        return encrypt(text, bound_to=_SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Read it again."""
        return decrypt(encrypted_text, bound_to=_SECOND_FACTOR)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to this Olympus, under the name of its host."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Olympus"}
