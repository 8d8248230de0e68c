"""The Services pages as a whole: their parts read in as few questions as there are kinds of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.discovery.contracts import Lifecycle
from apps.discovery.models import ServiceHealth
from apps.discovery.pages.cards import Card, card_of
from apps.discovery.pages.networks import GrantLine, RuleLine, grant_lines, rule_lines
from apps.discovery.pages.scans import ScanView, scan_view, scan_views
from apps.discovery.pages.schedule import ScheduleLine, schedule_lines
from apps.discovery.selectors import grants_of, history_of, last_scan, rules_of, scans_of, services_by_use
from olympus.kernel.actor import Actor, Role

# A screen or two; older ones follow by the button.
_SCANS_A_PAGE = 20
# Machines have a handful; a network of a thousand others is read by the REST door.
_MOST_CARDS = 200


@dataclass(frozen=True, slots=True)
class ServicesPage:
    """What was found, by what was said of it."""

    proposed: list[Card]
    accepted: list[Card]
    ignored: list[Card]
    scan: ScanView | None

    @property
    def is_empty(self) -> bool:
        """There is nothing to decide and nothing in use."""
        return not (self.proposed or self.accepted)


@dataclass(frozen=True, slots=True)
class ScansPage:
    """The record of scans; `older` is where the next page begins."""

    scans: list[ScanView]
    older: UUID | None
    schedule: list[ScheduleLine]
    may_edit_schedule: bool
    schedule_url: str


@dataclass(frozen=True, slots=True)
class NetworksPage:
    """Networks and rules."""

    grants: list[GrantLine]
    rules: list[RuleLine]
    may_grant: bool


def services_page(actor: Actor) -> ServicesPage:
    """This will put all services of the actor's organization in words."""
    rows = list(services_by_use(actor.organization_id)[:_MOST_CARDS])
    past: dict[UUID, list[ServiceHealth]] = defaultdict(list)
    for entry in history_of([row.pk for row in rows]):
        past[entry.service_id].append(entry)
    cards = [card_of(row, past[row.pk]) for row in rows]
    last = last_scan(actor.organization_id)
    return ServicesPage(
        proposed=_those(cards, Lifecycle.PROPOSED),
        accepted=_those(cards, Lifecycle.ACCEPTED),
        ignored=_those(cards, Lifecycle.IGNORED),
        scan=scan_view(last, with_touched=False) if last else None,
    )


def proposed_words(count: int, new_count: int) -> str:
    """This will say what a file of tool servers came to."""
    if not count:
        return _("The file names no tool server.")
    named = ngettext("The file names %(n)s tool server.", "The file names %(n)s tool servers.", count) % {"n": count}
    new = ngettext("%(n)s of them is new.", "%(n)s of them are new.", new_count) % {"n": new_count}
    return f"{named} {new}" if new_count else f"{named} {_('All of them are known already.')}"


def scans_page(actor: Actor, before: UUID | None = None) -> ScansPage:
    """This will put the newest scans in words, or those before one; ids grow with time."""
    scans = scans_of(actor.organization_id)
    found = list((scans.filter(pk__lt=before) if before else scans)[: _SCANS_A_PAGE + 1])
    return ScansPage(
        scans=scan_views(found[:_SCANS_A_PAGE]),
        older=found[_SCANS_A_PAGE - 1].pk if len(found) > _SCANS_A_PAGE else None,
        schedule=schedule_lines(),
        may_edit_schedule=actor.role is Role.OWNER,
        schedule_url=reverse("admin:django_celery_beat_periodictask_changelist"),
    )


def networks_page(actor: Actor) -> NetworksPage:
    """This will put grants and rules in words."""
    return NetworksPage(
        grants=grant_lines(list(grants_of(actor.organization_id)), timezone.now()),
        rules=rule_lines(list(rules_of(actor.organization_id))),
        may_grant=actor.role is Role.OWNER,
    )


def _those(cards: Sequence[Card], lifecycle: Lifecycle) -> list[Card]:
    return [card for card in cards if card.lifecycle == lifecycle]
