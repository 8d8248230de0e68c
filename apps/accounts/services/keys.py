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
from olympus.kernel.text import clean_text

# Nobody manages more by hand; a script that makes them in a loop is stopped.
_MOST_KEYS = 100
MOST_MODELS = 100
LONGEST_MODEL = 200  # what the column of a model's name holds


@transaction.atomic
def create_api_key(
    *,
    actor: Actor,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
    allowed_models: Iterable[str] = (),
) -> tuple[ApiKey, str]:
    """This will make a key for its owner and return it with its text, which is never shown again.

    `allowed_models` are the only ones it may use; none for all its owner may.

    Raises:
        Denied: the actor is a program, or asks for more than they may do.
        Invalid: no name, no scope, an expiry in the past, or too many models.
        LimitReached: too many keys.
    """
    check_is_person(actor)
    chosen = frozenset(scopes)
    _check_may_grant(actor, chosen)
    name, models = _checked_name(name), _checked_models(allowed_models)
    _check_in_future(expires_at)
    if selectors.open_keys(timezone.now()).filter(owner_id=actor.user_id).count() >= _MOST_KEYS:
        raise LimitReached(_("You have %(n)s keys. Revoke some first.") % {"n": _MOST_KEYS})
    new = make_key()
    key = ApiKey.objects.create(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=name,
        prefix=new.prefix,
        secret_hash=new.digest,
        scopes=sorted(scope.value for scope in chosen),
        allowed_models=models,
        expires_at=expires_at,
    )
    audit.record("api_key.create", actor=actor, subject=key.pk, name=key.name, scopes=key.scopes)
    return key, new.text


@transaction.atomic
def change_api_key(
    *,
    actor: Actor,
    key_id: UUID,
    name: str | None = None,
    allowed_models: Iterable[str] | None = None,
    expires_at: datetime | None = None,
    never_expires: bool = False,
) -> ApiKey:
    """This will change what one of the actor's keys is called, which models it may use or when it ends.

    None leaves as it is; `never_expires` takes the end away. A change holds within a second. What a key
    may do is not changed: make another.

    Raises:
        NotFound: no such key of theirs, or revoked already.
        Invalid: as on making one.
    """
    check_is_person(actor)
    key = selectors.keys_of(actor).select_for_update().filter(pk=key_id, revoked_at=None).first()
    if key is None:
        raise NotFound(_("There is no such key."))
    if name is not None:
        key.name = _checked_name(name)
    if allowed_models is not None:
        key.allowed_models = _checked_models(allowed_models)
    if never_expires or expires_at is not None:
        _check_in_future(expires_at)
        key.expires_at = expires_at
    key.save(update_fields=["name", "allowed_models", "expires_at"])
    transaction.on_commit(forget_keys)
    audit.record("api_key.change", actor=actor, subject=key_id, name=key.name, models=key.allowed_models)
    return key


def _checked_name(name: str) -> str:
    name = clean_text(name).strip()
    if not name:
        raise Invalid(_("Give the key a name, so that you know later what uses it."), field="name")
    return name[:100]


def _checked_models(names: Iterable[str]) -> list[str]:
    chosen = list(dict.fromkeys(clean_text(name).strip() for name in names if name.strip()))
    if len(chosen) > MOST_MODELS or any(len(name) > LONGEST_MODEL for name in chosen):
        bounds = {"most": MOST_MODELS, "longest": LONGEST_MODEL}
        said = _("Name at most %(most)s models, each in %(longest)s characters.") % bounds
        raise Invalid(said, field="allowed_models")
    return chosen


def _check_in_future(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(_("The expiry must be in the future."), field="expires_at")


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


def grantable_scopes(actor: Actor) -> list[Scope]:
    """This will list what a key of the actor's may be made for."""
    may = {Scope.READ: True, Scope.WRITE: actor.role is not Role.VIEWER, Scope.ADMIN: actor.may_administer}
    return [scope for scope, is_allowed in may.items() if is_allowed]


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
