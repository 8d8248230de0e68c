"""The rail: a person's conversations by day."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.agents import facade as agents
from apps.chat.selectors import conversations_of
from olympus.kernel.actor import Actor

_RAIL_LENGTH = 60


@dataclass(frozen=True, slots=True)
class RailRow:
    """One conversation in the rail."""

    id: UUID
    title: str
    url: str
    time: str
    is_current: bool
    is_answering: bool


@dataclass(frozen=True, slots=True)
class RailGroup:
    """Conversations of one day or span."""

    label: str
    conversations: list[RailRow] = field(default_factory=list)


def rail_of(actor: Actor, current: UUID | None) -> list[RailGroup]:
    """This will group a person's newest conversations by day."""
    answering = agents.live_threads_of(actor.user_id)
    today = timezone.localdate()
    groups: dict[str, RailGroup] = {}
    for conversation in conversations_of(actor.user_id, limit=_RAIL_LENGTH):
        when = timezone.localtime(conversation.updated_at)
        label = _day_label((today - when.date()).days)
        row = RailRow(
            id=conversation.pk,
            title=conversation.title,
            url=reverse("conversation", args=[conversation.pk]),
            time=date_format(when, "H:i" if when.date() == today else "j M"),
            is_current=conversation.pk == current,
            is_answering=conversation.pk in answering,
        )
        groups.setdefault(label, RailGroup(label)).conversations.append(row)
    return list(groups.values())


def rail_context(request: HttpRequest) -> dict[str, Any]:
    """This will give every signed-in page its rail and person, when its template asks."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {"rail": _Lazy(lambda: rail_of(actor, None)), "person": _Lazy(lambda: accounts.person(actor))}


class _Lazy:
    """A template calls it, once, and only if the template shows it."""

    def __init__(self, compute: Any) -> None:
        self._compute = compute
        self._value: Any = None

    def __call__(self) -> Any:
        if self._value is None:
            self._value = self._compute()
        return self._value


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
