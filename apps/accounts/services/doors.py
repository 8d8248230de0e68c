"""The links that let somebody in: invitations, the owner's first link, password resets."""

from datetime import timedelta
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.accounts.access import check_administers, check_may_touch, check_reaches
from apps.accounts.models import Invitation, Membership, SignInLink, User
from apps.accounts.options import SignUp, sign_up
from apps.accounts.services.people import create_user
from apps.accounts.tokens import digest, make_token
from olympus.kernel import audit
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Denied, Invalid, NotFound

# Long enough to find the terminal again, short enough that a log file is no key for ever.
_OWNER_LINK_LASTS = timedelta(hours=24)
# A week covers holidays and slow mail.
_INVITATION_LASTS = timedelta(days=7)
# Any constant: only one transaction at a time may make the first owner.
_FIRST_OWNER_LOCK = 7_215_001


class LinkUsed(NotFound):
    """This link was used already, has expired, or was withdrawn."""

    code = "link_used"


class SignUpClosed(Denied):
    """New accounts are closed here. An owner can open them in the settings."""

    code = "sign_up_closed"


@transaction.atomic
def make_owner_link() -> str | None:
    """This will make a fresh first sign-in link and void the older ones; None when there is an owner."""
    if selectors.has_owner():
        return None
    token, now = make_token(), timezone.now()
    SignInLink.objects.filter(used_at=None, expires_at__gt=now).update(expires_at=now)
    SignInLink.objects.create(token_hash=digest(token), expires_at=now + _OWNER_LINK_LASTS)
    audit.record("owner_link.create")
    return reverse("welcome", args=[token])


@transaction.atomic
def use_owner_link(*, token: str, email: str, password: str, name: str) -> User:
    """This will make the first owner; of two who try at once one wins.

    Raises:
        LinkUsed: the link is used, over or unknown, or there is an owner.
        EmailTaken, Invalid: nothing was used up; try again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_OWNER_LOCK])
    now = timezone.now()
    if not selectors.sign_in_link_is_open(token, now=now):
        raise LinkUsed
    user = create_user(email=email, password=password, name=name, role=Role.OWNER)
    SignInLink.objects.filter(token_hash=digest(token)).update(used_at=now, used_by=user)
    audit.record("owner_link.use", actor_id=user.pk, subject=user.pk)
    return user


@transaction.atomic
def invite(*, actor: Actor, role: Role = Role.MEMBER, email: str = "") -> tuple[Invitation, str]:
    """This will make an invitation and return it with its path, which is never shown again.

    Raises:
        Denied: the actor may not, or not to this role.
        SignUpClosed: nobody may join at the moment.
    """
    check_administers(actor)
    check_may_touch(actor, role)
    if sign_up() is SignUp.CLOSED:
        raise SignUpClosed
    token = make_token()
    invitation = Invitation.objects.create(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        role=role.value,
        email=email.strip().lower(),
        token_hash=digest(token),
        expires_at=timezone.now() + _INVITATION_LASTS,
    )
    audit.record("invitation.create", actor=actor, subject=invitation.pk, role=role.value, email=invitation.email)
    return invitation, reverse("join", args=[token])


@transaction.atomic
def withdraw_invitation(*, actor: Actor, invitation_id: UUID) -> None:
    """This will make an invitation worthless.

    Raises:
        NotFound: there is none, or it is over.
    """
    check_administers(actor)
    waiting = selectors.open_invitations(actor.organization_id, now=timezone.now())
    if not waiting.filter(pk=invitation_id).update(revoked_at=timezone.now()):
        raise NotFound(_("This invitation is over already."))
    audit.record("invitation.withdraw", actor=actor, subject=invitation_id)


@transaction.atomic
def accept_invitation(*, token: str, email: str, password: str, name: str) -> User:
    """This will make whoever holds the link a member; of two who try at once one wins.

    Raises:
        LinkUsed: accepted already, withdrawn, over or unknown.
        SignUpClosed: nobody may join at the moment.
        EmailTaken, Invalid: nothing was used up; try again.
    """
    now = timezone.now()
    invitation = selectors.invitation_by_token(token, now=now)
    if invitation is None:
        raise LinkUsed
    if (
        Invitation.objects.select_for_update().filter(pk=invitation.pk, accepted_at=None, revoked_at=None).first()
        is None
    ):
        raise LinkUsed
    if sign_up() is SignUp.CLOSED:
        raise SignUpClosed
    if invitation.email and invitation.email != email.strip().lower():
        raise Invalid(_("This invitation is for another email address."), field="email")
    user = create_user(
        email=email,
        password=password,
        name=name,
        role=Role(invitation.role),
        organization_id=invitation.organization_id,
        is_email_verified=not settings.EMAIL_HOST or bool(invitation.email),
    )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user)
    audit.record(
        "invitation.accept", actor_id=user.pk, organization_id=invitation.organization_id, subject=invitation.pk
    )
    return user


@transaction.atomic
def make_reset_link(*, actor: Actor, user_id: UUID) -> str:
    """This will make a link by which the person sets a new password; it works once and ends with the old password.

    Raises:
        Denied: the actor may not.
        NotFound: nobody of the organization, or disabled.
    """
    members = Membership.objects.select_related("user").filter(user__is_active=True)
    membership = members.filter(organization_id=actor.organization_id, user_id=user_id).first()
    if membership is None:
        check_administers(actor)
        raise NotFound(_("This person is not in your organization, or disabled."))
    check_reaches(actor, membership)
    user: User = membership.user
    token = default_token_generator.make_token(user)
    audit.record("password.reset_link", actor=actor, subject=user_id)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
