"""Reading accounts: who somebody is, who is there, which doors are open."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from apps.accounts.contracts import KeyHolder
from apps.accounts.models import ApiKey, Invitation, Membership, Organization, SignInLink, User
from apps.accounts.tokens import digest, prefix_of
from olympus.kernel.actor import Actor, Role, Scope
from olympus.kernel.errors import NotFound
from olympus.kernel.ids import parse_uuid

# A stored use is at most this old; a busy key writes its row once a minute, not once a call.
LAST_USED_STEP = timedelta(minutes=1)


def default_organization() -> Organization:
    """This will give the organization everybody belongs to, made again should it be missing."""
    return Organization.objects.get_or_create(is_default=True, defaults={"name": "Olympus"})[0]


def actor_of_user(user_id: UUID) -> Actor | None:
    """This will tell what an active person may do; None for one who is disabled or in no organization."""
    membership = (
        Membership.objects.filter(user_id=user_id, user__is_active=True)
        .order_by("-organization__is_default", "id")
        .values_list("organization_id", "role", "is_premium")
        .first()
    )
    return Actor(user_id, membership[0], Role(membership[1]), is_premium=membership[2]) if membership else None


def actor_of_key(secret: str, *, now: datetime) -> Actor | None:
    """This will tell what a key may do, in one query; a second notes its use at most once a minute."""
    prefix = prefix_of(secret)
    holder = holder_of_hash(prefix, digest(secret), now=now) if prefix else None
    return holder.actor if holder else None


def holder_of_hash(prefix: str, secret_hash: str, *, now: datetime) -> KeyHolder | None:
    """This will tell whom a key acts for and within which bounds; it queries as `actor_of_key` says."""
    of_owner = Membership.objects.filter(user_id=OuterRef("owner_id"), organization_id=OuterRef("organization_id"))
    key = (
        open_keys(now)
        .filter(prefix=prefix, owner__is_active=True)
        .annotate(role=Subquery(of_owner.values("role")[:1]), is_premium=Subquery(of_owner.values("is_premium")[:1]))
        .first()
    )
    if key is None or not hmac.compare_digest(key.secret_hash, secret_hash) or key.role is None:
        return None
    if key.last_used_at is None or key.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    scopes = frozenset(map(Scope, key.scopes))
    actor = Actor(key.owner_id, key.organization_id, Role(key.role), scopes, key.pk, key.is_premium)
    return KeyHolder(actor, frozenset(key.allowed_models))


def models_of_key(key_id: UUID) -> frozenset[str]:
    """This will list the only models a key may use; empty for all its owner may."""
    return frozenset(ApiKey.objects.filter(pk=key_id).values_list("allowed_models", flat=True).first() or ())


def language_of(user_id: UUID) -> str:
    """This will tell the language a person chose; empty for the browser's, and for who is gone."""
    return User.objects.filter(pk=user_id).values_list("language", flat=True).first() or ""


def open_keys(now: datetime) -> "QuerySet[ApiKey]":
    """This will list the keys that still open something."""
    return ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


def keys_of(actor: Actor) -> "QuerySet[ApiKey]":
    """This will list the actor's own keys, newest first, the revoked ones too."""
    return ApiKey.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id)


def user_of_session(session_key: str) -> User | None:
    """This will find who a session belongs to, changing nothing.

    Django's own `get_user` may flush or renew the session; a socket cannot send the new cookie.
    """
    store: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user_id = parse_uuid(store.get(SESSION_KEY, ""))
    if user_id is None or store.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    held = store.get(HASH_SESSION_KEY, "")
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return user if any(constant_time_compare(held, one) for one in valid) else None


def has_owner() -> bool:
    """This will tell whether somebody already owns this Olympus."""
    return Membership.objects.filter(role=Role.OWNER, user__is_active=True).exists()


def first_owner_id() -> UUID | None:
    """This will find the owner who came first."""
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True).order_by("id")
    return owners.values_list("user_id", flat=True).first()


def user_by_email(email: str) -> User | None:
    """This will find a person by address, in any case of letters."""
    return User.objects.filter(email=email.strip().lower()).first()


def members_of(organization_id: UUID) -> "QuerySet[Membership]":
    """This will list the organization's people in the order of their names."""
    members = Membership.objects.filter(organization_id=organization_id).select_related("user")
    return members.order_by("-user__is_active", "user__name", "user__email")


def matching_members(
    organization_id: UUID, *, role: str | None = None, is_active: bool | None = None
) -> "QuerySet[Membership]":
    """This will select the organization's people; None filters nothing."""
    members = Membership.objects.filter(organization_id=organization_id).select_related("user")
    wanted: dict[str, object] = {"role": role, "user__is_active": is_active}
    return members.filter(**{name: value for name, value in wanted.items() if value is not None})


def role_in(organization_id: UUID, user_id: UUID) -> Role | None:
    """This will tell an active person's role; None for one who is disabled or not in the organization."""
    active = matching_members(organization_id, is_active=True).filter(user_id=user_id)
    role = active.values_list("role", flat=True).first()
    return Role(role) if role else None


def member_of(organization_id: UUID, user_id: UUID) -> Membership:
    """This will read one person of the organization.

    Raises:
        NotFound: nobody of the organization.
    """
    found = matching_members(organization_id).filter(user_id=user_id).first()
    if found is None:
        raise NotFound(_("This person is not in your organization."))
    return found


def open_invitations(organization_id: UUID, *, now: datetime) -> "QuerySet[Invitation]":
    """This will list the invitations that can still be accepted."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    return waiting.filter(organization_id=organization_id).select_related("owner")


def invitation_by_token(token: str, *, now: datetime) -> Invitation | None:
    """This will find an invitation that can still be accepted: whoever made it must still be allowed to."""
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now, owner__is_active=True)
    made_by = Membership.objects.filter(user_id=OuterRef("owner_id"), organization_id=OuterRef("organization_id"))
    is_by_owner, is_by_admin = Exists(made_by.filter(role=Role.OWNER)), Exists(made_by.filter(role=Role.ADMIN))
    waiting = waiting.filter(Q(is_by_owner) | (Q(is_by_admin) & ~Q(role=Role.OWNER)))
    return waiting.filter(token_hash=digest(token)).select_related("organization", "owner").first()


def sign_in_link_is_open(token: str, *, now: datetime) -> bool:
    """This will tell whether a first sign-in link would be taken now; looking does not use it."""
    owned = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
    links = SignInLink.objects.filter(token_hash=digest(token), used_at=None, expires_at__gt=now)
    return links.filter(~Exists(owned)).exists()


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """How a person proves who they are beside the password."""

    has_app: bool
    passkey_count: int
    unused_code_count: int
    session_count: int


def second_factors_of(actor: Actor) -> SecondFactors:
    """This will tell which second factors a person has set up."""
    found = list(Authenticator.objects.filter(user_id=actor.user_id))
    codes = next((one for one in found if one.type == Authenticator.Type.RECOVERY_CODES), None)
    return SecondFactors(
        has_app=any(one.type == Authenticator.Type.TOTP for one in found),
        passkey_count=sum(one.type == Authenticator.Type.WEBAUTHN for one in found),
        unused_code_count=len(codes.wrap().get_unused_codes()) if codes else 0,
        session_count=UserSession.objects.filter(user_id=actor.user_id).count(),
    )


def user_by_id(user_id: UUID) -> User:
    """This will read one person."""
    return User.objects.get(pk=user_id)


def names_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """This will name people, in one query; none for nobody."""
    wanted = set(user_ids)
    rows = User.objects.filter(pk__in=wanted).values_list("pk", "name", "email") if wanted else []
    return {pk: name or email for pk, name, email in rows}


def owners_of_all() -> list[UUID]:
    """This will list the active people who own this Olympus."""
    owners = Membership.objects.filter(organization__is_default=True, role=Role.OWNER.value, user__is_active=True)
    return list(owners.values_list("user_id", flat=True))
