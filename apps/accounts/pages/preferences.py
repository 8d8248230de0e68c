"""What a person changed last about how Olympus is for them, to be taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import Language, PreferenceVersion, Theme
from olympus.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """A preference, what it is and what it was before."""

    name: str
    title: str
    value: str
    before: str
    changed_at: datetime
    version: int

    @property
    def sentence(self) -> str:
        """What it is now, in passing."""
        return _("%(setting)s: %(value)s") % {"setting": self.title, "value": self.value}


def preference_rows(actor: Actor) -> list[PreferenceRow]:
    """This will show the last change of each preference that the page of appearance has; one query."""
    titles = {
        "theme": _("Theme"),
        "language": _("Language"),
        "may_switch_server": _("Another server goes on with an answer"),
    }
    rows = PreferenceVersion.objects.filter(owner_id=actor.user_id, name__in=titles)
    newest = {row.name: row for row in rows.order_by("name", "-id").distinct("name")}
    return [
        PreferenceRow(
            name,
            title,
            _said(name, newest[name].value),
            _said(name, newest[name].before),
            newest[name].changed_at,
            newest[name].pk,
        )
        for name, title in titles.items()
        if name in newest
    ]


def _said(name: str, value: Any) -> str:
    if name == "may_switch_server":
        return _("on") if value else _("off")
    known = {str(each.value): str(each.label) for each in (Theme if name == "theme" else Language)}
    return known.get(value, str(value))
