"""Granted networks and rules as people read them."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.discovery.engine.fingerprints import DEFAULT_PORTS
from apps.discovery.models import AcceptRule, ScanGrant
from apps.discovery.pages.words import Tag, kind_words, source_words
from apps.discovery.scanning import LIMITS


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A network that was granted."""

    id: UUID
    cidr: str
    reason: str
    line: str
    tag: Tag
    is_open: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What is added without asking."""

    id: UUID
    title: str
    line: str
    is_enabled: bool


def grant_lines(grants: Sequence[ScanGrant], now: datetime) -> list[GrantLine]:
    """This will put grants in words."""
    return [_grant_line(grant, now) for grant in grants]


def rule_lines(rules: Sequence[AcceptRule]) -> list[RuleLine]:
    """This will put rules in words."""
    return [RuleLine(rule.pk, _rule_title(rule), _rule_line(rule), rule.is_enabled) for rule in rules]


def _grant_line(grant: ScanGrant, now: datetime) -> GrantLine:
    is_open = grant.revoked_at is None and grant.expires_at > now
    if grant.revoked_at is not None:
        tag = Tag(_("revoked"))
    elif is_open:
        tag = Tag(_("open for %(left)s") % {"left": timeuntil(grant.expires_at, now, depth=1)}, "success")
    else:
        tag = Tag(_("over"))
    ports = ", ".join(str(port) for port in grant.ports) or _("the usual ports")
    by = _("granted by %(who)s on %(day)s") % {
        "who": grant.granted_by or _("somebody who is gone"),
        "day": date_format(localtime(grant.granted_at), _("j M Y")),
    }
    parts = [_("Ports: %(ports)s") % {"ports": ports}, *([_scan_time(grant)] if is_open else []), by]
    return GrantLine(grant.pk, grant.cidr, grant.reason, " · ".join(parts), tag, is_open)


def _scan_time(grant: ScanGrant) -> str:
    places = ipaddress.ip_network(grant.cidr).num_addresses * (len(grant.ports) or len(DEFAULT_PORTS))
    minutes = ceil(places / LIMITS.network_per_s / 60)
    return ngettext("all of it takes %(n)s minute", "all of it takes about %(n)s minutes", minutes) % {"n": minutes}


def _rule_title(rule: AcceptRule) -> str:
    parts = (
        kind_words(rule.kind) if rule.kind else _("Any service"),
        rule.network,
        rule.source and source_words(rule.source),
    )
    return " · ".join(part for part in parts if part)


def _rule_line(rule: AcceptRule) -> str:
    return _("made by %(who)s on %(day)s") % {
        "who": rule.made_by or _("somebody who is gone"),
        "day": date_format(localtime(rule.made_at), _("j M Y")),
    }
