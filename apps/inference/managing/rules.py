"""Who may use which model, as owners and administrators decide it."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.inference.access import require_administrator
from apps.inference.engine.names import model_key
from apps.inference.managing.permitting import forget_rules
from apps.inference.managing.telling import tell_changed
from apps.inference.models import ModelRule
from olympus.kernel import audit
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Invalid, LimitReached
from olympus.kernel.text import clean_text

# The roles a model can be kept to; owners may use every model, and viewers ask none.
ROLES = (Role.ADMIN, Role.MEMBER)
_NAME_CHARS = 200
# Each call reads all of them.
_MOST_RULES = 500
_MOST_PEOPLE = 1000


def rules_of(organization_id: UUID) -> "QuerySet[ModelRule]":
    """This will select an organization's rules."""
    return ModelRule.objects.filter(organization_id=organization_id)


def rule_for(organization_id: UUID, model: str) -> ModelRule | None:
    """This will read a model's rule; None if it is everybody's."""
    return ModelRule.objects.filter(organization_id=organization_id, key=model_key(model)).first()


@transaction.atomic
def limit_model(actor: Actor, *, model: str, roles: Collection[str], user_ids: Collection[UUID]) -> ModelRule:
    """This will keep a model to people in these roles and to these people; owners may use it all the same.

    Raises:
        Denied
        Invalid: there is no such role or person.
        LimitReached: there are too many rules.
    """
    require_administrator(actor)
    key = _usable_key(model)
    if not set(roles) <= {role.value for role in ROLES}:
        raise Invalid(_("Choose among administrators and members."), field="roles")
    people = {user_id for user_id, _name, _role in accounts.people_of(actor.organization_id)}
    if len(user_ids) > _MOST_PEOPLE or not set(user_ids) <= people:
        raise Invalid(_("One of these people is not in your organization."), field="people")
    if ModelRule.objects.filter(organization_id=actor.organization_id).exclude(key=key).count() >= _MOST_RULES:
        raise LimitReached(_("There are %(n)d rules. Remove some.") % {"n": _MOST_RULES})
    rule, _is_new = ModelRule.objects.update_or_create(
        organization_id=actor.organization_id,
        key=key,
        defaults={"roles": sorted(set(roles)), "user_ids": sorted(set(user_ids))},
    )
    audit.record(
        "model.limit", actor=actor, subject=key, roles=rule.roles, people=[str(each) for each in rule.user_ids]
    )
    _changed(actor)
    return rule


@transaction.atomic
def open_model(actor: Actor, *, model: str) -> None:
    """This will open a model to everybody; one that is open already stays so.

    Raises:
        Denied, Invalid
    """
    require_administrator(actor)
    key = _usable_key(model)
    count, _each = ModelRule.objects.filter(organization_id=actor.organization_id, key=key).delete()
    if count:
        audit.record("model.open", actor=actor, subject=key)
        _changed(actor)


def _usable_key(model: str) -> str:
    key = model_key(clean_text(model).strip())
    if not key or len(key) > _NAME_CHARS:
        raise Invalid(_("Name a model, with at most %(n)d characters.") % {"n": _NAME_CHARS}, field="model")
    return key


def _changed(actor: Actor) -> None:
    transaction.on_commit(forget_rules)
    tell_changed(actor.organization_id)
