"""The rail: a person's conversations, the pinned ones first and then by day; and the archive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.agents import facade as agents
from apps.chat.models import Conversation
from apps.chat.selectors.listing import After, archived_of, conversations_of, pinned_of
from olympus.kernel.actor import Actor
from olympus.kernel.ids import parse_uuid

RAIL_LENGTH = 60
# A rail that was scrolled is fetched anew as long as it was, up to here; what was below loads again when it is reached.
MAX_RAIL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class RailRow:
    """One conversation in the rail."""

    id: UUID
    title: str
    url: str
    time: str
    is_current: bool
    is_answering: bool
    is_unread: bool = False
    is_pinned: bool = False
    is_archived: bool = False
    project: UUID | None = None


@dataclass(frozen=True, slots=True)
class RailGroup:
    """Conversations of one day or span."""

    label: str
    conversations: list[RailRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rail:
    """Groups in order; `following` is where the next ones begin, '' at the end."""

    groups: list[RailGroup]
    following: str = ""
    is_first: bool = True

    @property
    def rows(self) -> list[RailRow]:
        """All rows in order."""
        return [row for group in self.groups for row in group.conversations]


def rail_of(actor: Actor, current: UUID | None, *, after: str = "", length: int = RAIL_LENGTH) -> Rail:
    """This will group a person's conversations: the pinned, then the newest by day, or those behind `after`."""
    place = _place(after)
    length = max(1, min(length, MAX_RAIL_LENGTH))
    rows = conversations_of(actor.user_id, limit=length + 1, after=place)
    show = _Shower(current, agents.live_threads_of(actor.user_id))
    groups: dict[str, RailGroup] = {}
    if place is None and (pinned := pinned_of(actor.user_id)):
        groups["pinned"] = RailGroup(_("Pinned"), [show.row(row, row.updated_at) for row in pinned])
    for row in rows[:length]:
        label = _day_label((show.today - timezone.localtime(row.updated_at).date()).days)
        groups.setdefault(label, RailGroup(label)).conversations.append(show.row(row, row.updated_at))
    return Rail(list(groups.values()), _following(rows, length, "updated_at"), is_first=place is None)


def archive_of(actor: Actor, *, after: str = "") -> Rail:
    """This will list a person's archived conversations in one group, the last archived first."""
    rows = archived_of(actor.user_id, limit=RAIL_LENGTH + 1, after=_place(after))
    show = _Shower(None, set())
    group = RailGroup("", [show.row(row, row.archived_at or row.updated_at) for row in rows[:RAIL_LENGTH]])
    return Rail(
        [group] if group.conversations else [], _following(rows, RAIL_LENGTH, "archived_at"), is_first=not after
    )


def rail_context(request: HttpRequest) -> dict[str, Any]:
    """This will give every signed-in page its rail and person, when its template asks."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {"rail": _Lazy(lambda: rail_of(actor, None)), "person": _Lazy(lambda: accounts.person(actor))}


class _Shower:
    """Makes rows of one listing."""

    def __init__(self, current: UUID | None, answering: Any) -> None:
        self.current, self.answering, self.today = current, answering, timezone.localdate()

    def row(self, conversation: Conversation, at: datetime) -> RailRow:
        when = timezone.localtime(at)
        return RailRow(
            id=conversation.pk,
            title=conversation.title,
            url=reverse("conversation", args=[conversation.pk]),
            time=f"{when:%H:%M}" if when.date() == self.today else date_format(when, "j M"),
            is_current=conversation.pk == self.current,
            is_answering=conversation.pk in self.answering,
            is_unread=conversation.is_unread and conversation.pk != self.current,
            is_pinned=conversation.pinned_at is not None,
            is_archived=conversation.archived_at is not None,
            project=conversation.project_id,
        )


class _Lazy:
    """A template calls it, once, and only if the template shows it."""

    def __init__(self, compute: Any) -> None:
        self._compute = compute
        self._value: Any = None

    def __call__(self) -> Any:
        if self._value is None:
            self._value = self._compute()
        return self._value


def _following(rows: Sequence[Conversation], length: int, by: str) -> str:
    if len(rows) <= length:
        return ""
    last = rows[length - 1]
    return f"{getattr(last, by).isoformat()}_{last.pk}"


def _place(after: str) -> After | None:
    """A place nobody gave out is the beginning."""
    time, _sign, name = after.partition("_")
    pk = parse_uuid(name)
    try:
        at = parse_datetime(time)
    except ValueError:
        return None
    return After(at, pk) if at and pk and timezone.is_aware(at) else None


def _day_label(days_ago: int) -> str:
    if days_ago <= 0:
        return _("Today")
    if days_ago == 1:
        return _("Yesterday")
    if days_ago < timedelta(days=7).days:
        return _("Last week")
    if days_ago < timedelta(days=31).days:
        return _("Last month")
    return _("Older")
