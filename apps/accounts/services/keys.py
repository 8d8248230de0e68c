"""API keys: made, shown once, revoked."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.accounts.access import check_administers, check_is_person
from apps.accounts.keyring import forget_keys
from apps.accounts.models import ApiKey
from apps.accounts.tokens import make_key
from olympus.kernel import audit
from olympus.kernel.actor import Actor, Role, Scope
from olympus.kernel.errors import Denied, Invalid, LimitReached, NotFound

# Nobody manages more by hand; a script that makes them in a loop is stopped.
_MOST_KEYS = 100


@transaction.atomic
def create_api_key(
    *, actor: Actor, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """This will make a key for its owner and return it with its text, which is never shown again.

    Raises:
        Denied: the actor is a program, or asks for more than they may do.
        Invalid: no name, no scope, or an expiry in the past.
        LimitReached: too many keys.
    """
    check_is_person(actor)
    chosen = frozenset(scopes)
    _check_may_grant(actor, chosen)
    if not name.strip():
        raise Invalid(_("Give the key a name, so that you know later what uses it."), field="name")
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(_("The expiry must be in the future."), field="expires_at")
    if selectors.open_keys(timezone.now()).filter(owner_id=actor.user_id).count() >= _MOST_KEYS:
        raise LimitReached(_("You have %(n)s keys. Revoke some first.") % {"n": _MOST_KEYS})
    new = make_key()
    key = ApiKey.objects.create(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=name.strip()[:100],
        prefix=new.prefix,
        secret_hash=new.digest,
        scopes=sorted(scope.value for scope in chosen),
        expires_at=expires_at,
    )
    audit.record("api_key.create", actor=actor, subject=key.pk, name=key.name, scopes=key.scopes)
    return key, new.text


@transaction.atomic
def revoke_api_key(*, actor: Actor, key_id: UUID) -> None:
    """This will make one of the actor's keys worthless at once.

    Raises:
        NotFound: no such key of theirs, or revoked already.
    """
    check_is_person(actor)
    if not selectors.keys_of(actor).filter(pk=key_id, revoked_at=None).update(revoked_at=timezone.now()):
        raise NotFound(_("There is no such key."))
    transaction.on_commit(forget_keys)
    audit.record("api_key.revoke", actor=actor, subject=key_id)


def _check_may_grant(actor: Actor, scopes: frozenset[Scope]) -> None:
    if not scopes:
        raise Invalid(_("Choose what the key may do."), field="scopes")
    if Scope.ADMIN in scopes and not actor.may_administer:
        raise Denied(_("Only owners and administrators may make keys that administer."))
    if Scope.WRITE in scopes and actor.role is Role.VIEWER:
        raise Denied(_("Viewers may only make keys that read."))


@transaction.atomic
def revoke_key_of_anybody(*, actor: Actor, key_id: UUID) -> None:
    """This will let an administrator end any key of the organization.

    Raises:
        Denied: the actor does not administer.
    """
    check_administers(actor)
    keys = ApiKey.objects.filter(organization_id=actor.organization_id, pk=key_id, revoked_at=None)
    if keys.update(revoked_at=timezone.now()):
        transaction.on_commit(forget_keys)
        audit.record("api_key.revoke", actor=actor, subject=key_id)
