"""Rules by which services are added as soon as they are found; there are none until somebody makes one."""

import ipaddress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.discovery.access import require_administrator, rule_for_changing
from apps.discovery.contracts import Finding, ServiceKind
from apps.discovery.errors import EmptyRule, NetworkMalformed, NothingToUndo
from apps.discovery.models import AcceptRule, Subject
from apps.discovery.services.telling import tell_after_commit
from apps.discovery.services.versions import last_change, note_change
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, Invalid, LimitReached
from olympus.kernel.text import clean_text

# More than anybody keeps in mind; each is tried on every finding.
_MOST_RULES = 50
_HOST_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:")


@transaction.atomic
def make_rule(actor: Actor, *, kind: str = "", network: str = "", source: str = "") -> AcceptRule:
    """This will add what matches all that is given as soon as it is found, from the next scan on.

    Raises:
        Denied
        EmptyRule, NetworkMalformed, Invalid
        Conflict: there is this rule already.
        LimitReached: there are too many.
    """
    require_administrator(actor)
    if kind and kind not in {each.value for each in ServiceKind}:
        raise Invalid(field="kind")
    wanted = {"kind": kind, "network": usable_network(network), "source": clean_text(source).strip()[:60]}
    if not any(wanted.values()):
        raise EmptyRule(field="kind")
    rows = AcceptRule.objects.filter(organization_id=actor.organization_id)
    if rows.filter(**wanted).exists():
        raise Conflict
    if rows.count() >= _MOST_RULES:
        raise LimitReached
    now = timezone.now()
    rule = AcceptRule.objects.create(
        organization_id=actor.organization_id, made_by_id=actor.user_id, made_at=now, **wanted
    )
    note_change(rule, Subject.RULE, "make", before=None, after=wanted, user_id=actor.user_id, now=now)
    return rule


@transaction.atomic
def switch_rule(actor: Actor, *, rule_id: UUID, is_enabled: bool) -> AcceptRule:
    """This will have a rule rest, or hold again from the next scan on; what it added stays.

    Raises:
        Denied, NotFound
    """
    rule = rule_for_changing(actor, rule_id, is_locked=True)
    if rule.is_enabled is is_enabled:
        return rule
    before = _stored(rule)
    rule.is_enabled = is_enabled
    rule.save(update_fields=["is_enabled"])
    verb, now = "switch_on" if is_enabled else "switch_off", timezone.now()
    note_change(rule, Subject.RULE, verb, before=before, after=_stored(rule), user_id=actor.user_id, now=now)
    return rule


@transaction.atomic
def remove_rule(actor: Actor, *, rule_id: UUID) -> None:
    """This will add nothing by a rule any more; what it added stays.

    Raises:
        Denied, NotFound
    """
    rule = rule_for_changing(actor, rule_id, is_locked=True)
    before = _stored(rule)
    note_change(rule, Subject.RULE, "remove", before=before, after=None, user_id=actor.user_id, now=timezone.now())
    rule.delete()


@transaction.atomic
def undo_rule(actor: Actor, *, rule_id: UUID, change_id: UUID | None = None) -> AcceptRule | None:
    """This will take back the last change of a rule: one that was made goes, one that was removed or switched returns.

    `change_id` names the change that is meant, where somebody saw it.

    Raises:
        Denied
        NothingToUndo: there is none, or that change is not the last.
    """
    require_administrator(actor)
    change = last_change(actor.organization_id, rule_id)
    if change is None or change.subject != Subject.RULE or change_id not in {None, change.pk}:
        raise NothingToUndo
    now = timezone.now()
    change.undone_at = now
    change.save(update_fields=["undone_at"])
    audit.record("rule.undo", actor=actor, subject=rule_id, verb=change.verb)
    tell_after_commit(actor.organization_id)
    if change.before is None:
        AcceptRule.objects.filter(organization_id=actor.organization_id, pk=rule_id).delete()
        return None
    return AcceptRule.objects.update_or_create(
        pk=rule_id, organization_id=actor.organization_id, defaults=change.before,
        create_defaults={**change.before, "made_by_id": actor.user_id, "made_at": now},
    )[0]  # fmt: skip


def is_match(rule: AcceptRule, finding: Finding) -> bool:
    """This will tell whether a rule speaks of a finding; all that is filled in must match."""
    return (
        rule.is_enabled
        and rule.kind in {"", finding.kind.value}
        and rule.source in {"", finding.source}
        and (not rule.network or _is_in(rule.network, finding))
    )


def usable_network(network: str) -> str:
    """This will write a network or a host's name in one form; empty stays empty.

    Raises:
        NetworkMalformed
    """
    text = clean_text(network).strip().lower()
    if not text:
        return ""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError as error:
        if "/" in text or len(text) > 253 or not set(text) <= _HOST_CHARS:
            raise NetworkMalformed(field="network") from error
        return text


def _is_in(network: str, finding: Finding) -> bool:
    try:
        return ipaddress.ip_address(finding.address) in ipaddress.ip_network(network)
    except ValueError:
        return network == finding.host.lower()


def _stored(rule: AcceptRule) -> dict[str, Any]:
    return {"kind": rule.kind, "network": rule.network, "source": rule.source, "is_enabled": rule.is_enabled}
