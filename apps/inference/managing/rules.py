"""Who may use which model, as owners and administrators decide it."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.inference.access import require_administrator
from apps.inference.engine.names import model_key
from apps.inference.managing.errors import NothingToUndo
from apps.inference.managing.permitting import forget_rules
from apps.inference.managing.telling import tell_changed
from apps.inference.models import ModelRule, ModelRuleVersion
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
# Versions of a rule, as many as anybody would go back.
_KEPT = 20


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
    _alone(actor, key)
    rule = _store(actor, key, {"roles": sorted(set(roles)), "user_ids": sorted(str(each) for each in set(user_ids))})
    assert rule is not None, "what is kept to somebody has a rule"
    return rule


@transaction.atomic
def open_model(actor: Actor, *, model: str) -> None:
    """This will open a model to everybody; one that is open already stays so.

    Raises:
        Denied, Invalid
    """
    require_administrator(actor)
    key = _usable_key(model)
    _alone(actor, key)
    _store(actor, key, None)


def last_change_of(organization_id: UUID, model: str) -> ModelRuleVersion | None:
    """This will find what was changed last about who may use a model."""
    versions = ModelRuleVersion.objects.filter(organization_id=organization_id, key=model_key(model))
    return versions.select_related("changed_by").first()


@transaction.atomic
def undo_access(actor: Actor, *, model: str, version: str | None = None) -> ModelRule | None:
    """This will put back who might use a model before the last change, which is a change too; None for everybody.

    `version` names the change that is meant, where somebody saw it.

    Raises:
        Denied, Invalid, LimitReached
        NothingToUndo: it was never changed, or that change is not the last.
    """
    require_administrator(actor)
    key = _usable_key(model)
    _alone(actor, key)
    last = last_change_of(actor.organization_id, key)
    if last is None or version not in {None, str(last.pk)}:
        raise NothingToUndo
    before = last.before
    if before is not None:
        people = {str(user_id) for user_id, _name, _role in accounts.people_of(actor.organization_id)}
        before = {**before, "user_ids": [each for each in before["user_ids"] if each in people]}
    return _store(actor, key, before)


def _alone(actor: Actor, key: str) -> None:
    """Two changes of one model come one after the other, also where there is no row to lock yet."""
    with connection.cursor() as cursor:
        name = f"access to {key} of {actor.organization_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _store(actor: Actor, key: str, value: dict[str, list[str]] | None) -> ModelRule | None:
    """Write a rule, or that there is none, and the version before it."""
    rules = ModelRule.objects.filter(organization_id=actor.organization_id, key=key)
    rule = rules.first()
    before = _stored(rule)
    if value == before:
        return rule
    if rule is None and rules_of(actor.organization_id).count() >= _MOST_RULES:
        raise LimitReached(_("There are %(n)d rules. Remove some.") % {"n": _MOST_RULES})
    rule = None
    if value is None:
        rules.delete()
    else:
        people = [UUID(each) for each in value["user_ids"]]
        rule = rules.update_or_create(
            organization_id=actor.organization_id, key=key, defaults={"roles": value["roles"], "user_ids": people}
        )[0]
    _note(actor, key, before, value)
    transaction.on_commit(forget_rules)
    tell_changed(actor.organization_id)
    return rule


def _stored(rule: ModelRule | None) -> dict[str, list[str]] | None:
    return None if rule is None else {"roles": rule.roles, "user_ids": [str(each) for each in rule.user_ids]}


def _note(actor: Actor, key: str, before: dict[str, list[str]] | None, value: dict[str, list[str]] | None) -> None:
    organization_id = actor.organization_id
    ModelRuleVersion.objects.create(
        organization_id=organization_id, key=key, before=before, value=value, changed_by_id=actor.user_id
    )
    versions = ModelRuleVersion.objects.filter(organization_id=organization_id, key=key)
    versions.exclude(pk__in=list(versions.values_list("pk", flat=True)[:_KEPT])).delete()
    if value is None:
        audit.record("model.open", actor=actor, subject=key)
    else:
        audit.record("model.limit", actor=actor, subject=key, roles=value["roles"], people=value["user_ids"])


def _usable_key(model: str) -> str:
    key = model_key(clean_text(model).strip())
    if not key or len(key) > _NAME_CHARS:
        raise Invalid(_("Name a model, with at most %(n)d characters.") % {"n": _NAME_CHARS}, field="model")
    return key
