"""People: made, named, given a role, shut out and let in again."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.accounts.access import check_may_touch, check_reaches
from apps.accounts.contracts import AccessEnded
from apps.accounts.keyring import forget_keys
from apps.accounts.models import ApiKey, Membership, Organization, User
from olympus.kernel import audit
from olympus.kernel.actor import Actor, Role
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Conflict, Denied, Invalid, NotFound


class EmailTaken(Conflict):
    """Somebody with this email address already has an account here."""

    code = "email_taken"


class LastOwner(Conflict):
    """This is the only owner. Make somebody else an owner first."""

    code = "last_owner"


@transaction.atomic
def create_user(
    *,
    actor: Actor | None = None,
    email: str,
    password: str,
    name: str = "",
    role: Role = Role.MEMBER,
    organization_id: UUID | None = None,
    is_email_verified: bool = True,
) -> User:
    """This will make a person and their membership; without an actor for the command line and the front doors.

    The organization is the one given, else the actor's, else the default one.

    Raises:
        EmailTaken: the address has an account.
        Invalid: the address or password is not acceptable; `field` says which.
        Denied: the actor may not hand out the role.
    """
    if actor is not None:
        check_may_touch(actor, role)
    email = _checked_email(email)
    user = User(email=email, name=name.strip())
    check_password(password, user=user)
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_email_verified)
    organization_id = organization_id or (actor.organization_id if actor else None)
    membership = add_membership(user=user, role=role, organization_id=organization_id)
    audit.record(
        "person.create",
        actor=actor,
        actor_id=user.pk,
        organization_id=membership.organization_id,
        subject=user.pk,
        email=user.email,
        role=role.value,
    )
    return user


def add_membership(*, user: User, role: Role, organization_id: UUID | None = None) -> Membership:
    """This will make a person a member, of the default organization if none is named."""
    membership = Membership.objects.create(
        user=user, organization_id=organization_id or selectors.default_organization().pk, role=role.value
    )
    _match_admin_rights(user, role)
    return membership


def check_password(password: str, *, user: User) -> None:
    """This will refuse a password that is too easy to guess.

    Raises:
        Invalid: with every reason in the message.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password") from error


@transaction.atomic
def rename(*, actor: Actor, name: str) -> None:
    """This will change how the person is called."""
    User.objects.filter(pk=actor.user_id).update(name=name.strip()[:150])
    audit.record("person.rename", actor=actor, subject=actor.user_id)


@transaction.atomic
def change_email(*, actor: Actor, email: str) -> None:
    """This will change the address the person signs in with; the caller has just checked the password.

    Raises:
        EmailTaken, Invalid.
    """
    if actor.api_key_id is not None:
        raise Denied
    email = _checked_email(email)
    User.objects.filter(pk=actor.user_id).update(email=email)
    EmailAddress.objects.filter(user_id=actor.user_id).delete()
    EmailAddress.objects.create(user_id=actor.user_id, email=email, primary=True, verified=True)
    audit.record("person.change_email", actor=actor, subject=actor.user_id, email=email)


@transaction.atomic
def change_role(*, actor: Actor, user_id: UUID, role: Role) -> None:
    """This will make a member something else in the organization.

    Raises:
        LastOwner: the last owner must stay one.
        Denied: the actor may not.
        NotFound: nobody of the organization.
    """
    membership = _membership_for_change(actor, user_id)
    check_may_touch(actor, role)
    before = membership.role
    if before == Role.OWNER and role is not Role.OWNER:
        _check_not_last_owner(membership)
    membership.role = role.value
    membership.save(update_fields=["role"])
    _match_admin_rights(membership.user, role)
    audit.record("person.change_role", actor=actor, subject=user_id, before=before, after=role.value)


@transaction.atomic
def set_premium(*, actor: Actor, user_id: UUID, is_premium: bool) -> None:
    """This will take a member's rate limit away, so that only budgets hold, or give it back.

    Raises:
        Denied: the actor may not.
        NotFound: nobody of the organization.
    """
    membership = _membership_for_change(actor, user_id)
    membership.is_premium = is_premium
    membership.save(update_fields=["is_premium"])
    transaction.on_commit(forget_keys)
    audit.record("person.premium", actor=actor, subject=user_id, is_premium=is_premium)


@transaction.atomic
def disable_person(*, actor: Actor, user_id: UUID) -> None:
    """This will shut a person out at once: no log-in, no session, no key, no open page.

    Raises:
        LastOwner: somebody must be able to let people in again.
        Denied: the actor may not.
        NotFound: nobody of the organization.
    """
    membership = _membership_for_change(actor, user_id)
    if user_id == actor.user_id:
        raise Denied(_("You cannot disable yourself."))
    if membership.role == Role.OWNER:
        _check_not_last_owner(membership)
    User.objects.filter(pk=user_id).update(is_active=False)
    end_sessions(user_id=user_id)
    ApiKey.objects.filter(owner_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
    transaction.on_commit(forget_keys)
    audit.record("person.disable", actor=actor, subject=user_id)


@transaction.atomic
def enable_person(*, actor: Actor, user_id: UUID) -> None:
    """This will let a disabled person sign in again; old sessions and keys stay dead.

    Raises:
        Denied, NotFound.
    """
    _membership_for_change(actor, user_id)
    User.objects.filter(pk=user_id).update(is_active=True)
    audit.record("person.enable", actor=actor, subject=user_id)


@transaction.atomic
def remove_second_factors(*, actor: Actor, user_id: UUID) -> None:
    """This will take a person's authenticator app, recovery codes and passkeys off, for one who lost them all.

    Raises:
        Denied, NotFound.
    """
    _membership_for_change(actor, user_id)
    Authenticator.objects.filter(user_id=user_id).delete()
    end_sessions(user_id=user_id)
    audit.record("person.remove_second_factors", actor=actor, subject=user_id)


def end_sessions(*, user_id: UUID) -> None:
    """This will sign a person out everywhere, in sessions that are not listed too."""
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    for session in UserSession.objects.filter(user_id=user_id):
        session.end()
    tell_user_after_commit(user_id, AccessEnded())


def _membership_for_change(actor: Actor, user_id: UUID) -> Membership:
    """Locks the organization first, so that two owners who step down at once cannot both go."""
    list(Organization.objects.select_for_update(no_key=True).filter(pk=actor.organization_id))
    members = Membership.objects.select_related("user")
    membership = members.filter(organization_id=actor.organization_id, user_id=user_id).first()
    if membership is None:
        raise NotFound(_("This person is not in your organization."))
    check_reaches(actor, membership)
    return membership


def _check_not_last_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(organization_id=membership.organization_id, role=Role.OWNER)
    if not owners.filter(user__is_active=True).exclude(pk=membership.pk).exists():
        raise LastOwner


def _match_admin_rights(user: User, role: Role) -> None:
    """Owners use /admin/; nobody else does."""
    is_owner = role is Role.OWNER
    User.objects.filter(pk=user.pk).update(is_staff=is_owner, is_superuser=is_owner)
    user.is_staff = user.is_superuser = is_owner


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(_("This is not an email address."), field="email") from error
    if User.objects.filter(email=email).exists():
        raise EmailTaken
    return email
