"""Who may use which model: read for every call, at most a second old."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import Error as DatabaseAway

from apps.accounts import facade as accounts
from apps.inference.engine.names import model_key
from apps.inference.models import ModelRule
from olympus.kernel.actor import Role
from olympus.kernel.fresh import Fresh

Keys = frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose a model is: of people in these roles, and of these people. Owners may use every model."""

    roles: frozenset[Role] = frozenset()
    user_ids: frozenset[UUID] = frozenset()

    def permits(self, user_id: UUID, role: Role | None) -> bool:
        """This will tell whether a person may use the model."""
        return role is Role.OWNER or role in self.roles or user_id in self.user_ids


def read_rules(organization_id: UUID) -> Mapping[str, Rule]:
    """This will read an organization's rules by `model_key`; one query."""
    rows = ModelRule.objects.filter(organization_id=organization_id)
    known = set(Role)
    return {
        row.key: Rule(frozenset(Role(role) for role in row.roles if role in known), frozenset(row.user_ids))
        for row in rows
    }


_rules: Fresh[UUID, Mapping[str, Rule]] = Fresh(read_rules)
_roles: Fresh[tuple[UUID, UUID], Role | None] = Fresh(lambda key: accounts.role_of(*key))


def forget_rules() -> None:
    """This will have this process read the rules anew; others do within a second."""
    _rules.forget()
    _roles.forget()


def denied_models(organization_id: UUID, user_id: UUID | None) -> Keys:
    """This will list the models a person may not use, by `model_key`; nobody is held to nothing."""
    rules = read_rules(organization_id) if user_id else {}
    if not rules or user_id is None:
        return frozenset()
    return _denied(rules, user_id, accounts.role_of(organization_id, user_id))


async def denied_soon(organization_id: UUID, user_id: UUID) -> Keys:
    """This will list the same on an event loop; most often from memory.

    While the database is away, what was known last stands.
    """
    try:
        rules = await _rules.get(organization_id)
        if not rules:
            return frozenset()
        return _denied(rules, user_id, await _roles.get((organization_id, user_id)))
    except DatabaseAway:
        return _denied(_rules.last(organization_id) or {}, user_id, _roles.last((organization_id, user_id)))


def is_denied(model: str, denied: Keys) -> bool:
    """This will tell whether a model of this name is among those denied."""
    return model_key(model) in denied


def _denied(rules: Mapping[str, Rule], user_id: UUID, role: Role | None) -> Keys:
    return frozenset(key for key, rule in rules.items() if not rule.permits(user_id, role))
