"""One service as a card: what it is, how it is, what may be done with it, and why it is believed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.discovery.contracts import HealthState, Lifecycle
from apps.discovery.models import Service, ServiceHealth
from apps.discovery.pages.proofs import ProofView, proof_view
from apps.discovery.pages.words import (
    Tag,
    ability_words,
    kind_icon,
    kind_words,
    risk_words,
    source_words,
    state_advice,
    state_tag,
)

# More names make a card a wall of text; the table below holds more of them, and a count what is left.
_NAMED_MODELS = 5
_LISTED_MODELS = 100
# What a reader can compare; the REST door has all that is kept.
_SHOWN_HISTORY = 20


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on the card; its icon and color by meaning."""

    words: str
    kind: str
    icon: str


@dataclass(frozen=True, slots=True)
class RiskLine:
    """What an owner should know, in short and what it means."""

    short: str
    words: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value."""

    name: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model of a service."""

    name: str
    abilities: str
    context: str
    is_loaded: bool


@dataclass(frozen=True, slots=True)
class HealthLine:
    """How it was from a time on."""

    tag: Tag
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Card:
    """What the page shows of one service; `stamp` changes with anything one can see."""

    id: UUID
    stamp: str
    name: str
    icon: str
    line: str
    state: str
    lifecycle: str
    tags: list[Tag]
    notes: list[Note]
    models: list[ModelLine]
    models_line: str
    more_models: int
    abilities: list[str]
    evidence: list[dict[str, str]]
    risks: list[RiskLine]
    facts: list[Fact]
    wants_key: bool
    proof: ProofView | None
    may_test: bool
    history: list[HealthLine] = field(default_factory=list)

    @property
    def may_add(self) -> bool:
        """Nobody has said anything of it yet."""
        return self.lifecycle == Lifecycle.PROPOSED

    @property
    def is_accepted(self) -> bool:
        """It is in use."""
        return self.lifecycle == Lifecycle.ACCEPTED

    @property
    def add_label(self) -> str:
        """Which service the button adds."""
        return _("Add %(name)s") % {"name": self.name}

    @property
    def test_label(self) -> str:
        """Which service the button tests."""
        return _("Test %(name)s") % {"name": self.name}

    @property
    def ignore_label(self) -> str:
        """Which service the button ignores."""
        return _("Ignore %(name)s") % {"name": self.name}

    @property
    def restore_label(self) -> str:
        """Which service the button brings back."""
        return _("Restore %(name)s") % {"name": self.name}

    @property
    def stop_label(self) -> str:
        """Which service the button puts out of use."""
        return _("Stop using %(name)s") % {"name": self.name}

    @property
    def stop_question(self) -> str:
        """What is asked before."""
        return _("Stop using %(name)s? Its models are no longer offered; answers it gave stay.") % {"name": self.name}


def card_of(service: Service, history: Sequence[ServiceHealth] = ()) -> Card:
    """This will put a service in words."""
    finding: dict[str, Any] = service.finding or {}
    models = finding.get("models") or []
    is_ignored = service.lifecycle == Lifecycle.IGNORED
    return Card(
        id=service.pk,
        stamp=_stamp(service),
        name=_name(service),
        icon=kind_icon(service.kind),
        line=_line(service, finding),
        state=service.health,
        lifecycle=service.lifecycle,
        tags=_tags(service),
        notes=_notes(service),
        models=[_model_line(model) for model in models[:_LISTED_MODELS]],
        models_line=_models_line([model["name"] for model in models]),
        more_models=max(0, len(models) - _LISTED_MODELS),
        abilities=[ability_words(ability) for ability in sorted(finding.get("capabilities") or [])],
        evidence=finding.get("evidence") or [],
        risks=[RiskLine(*risk_words(risk)) for risk in finding.get("risks") or []],
        facts=_facts(service, finding),
        wants_key=not is_ignored and _wants_key(service, finding),
        proof=proof_view(service),
        may_test=not is_ignored and not finding.get("command"),
        history=[HealthLine(state_tag(row.state), row.since, row.detail) for row in history[:_SHOWN_HISTORY]],
    )


def _stamp(service: Service) -> str:
    """Of all that changes; how long ago it was seen is no change."""
    parts = (service.lifecycle, service.health, service.health_since, service.url, service.stale_since, service.has_key)
    more = (service.proof_state, repr(service.proof), repr(service.finding), service.moved_to, service.name)
    return f"{crc32(repr((*map(str, parts), *more)).encode('utf-8', 'surrogatepass')):x}"


def _name(service: Service) -> str:
    return service.name or kind_words(service.kind)


def _line(service: Service, finding: dict[str, Any]) -> str:
    named = kind_words(service.kind)
    version = finding.get("version") or ""
    product = f"{named} {version}".strip() if _name(service) != named or version else ""
    command = " ".join(finding.get("command") or [])
    return " · ".join(part for part in (product, service.url or command, source_words(service.source)) if part)


def _tags(service: Service) -> list[Tag]:
    tags = []
    if service.lifecycle == Lifecycle.PROPOSED and service.health == HealthState.CONFIG_ERROR:
        tags.append(Tag(_("needs a key"), "info"))
    elif service.lifecycle == Lifecycle.ACCEPTED or service.health not in (HealthState.HEALTHY, HealthState.UNKNOWN):
        tags.append(state_tag(service.health))
    if service.stale_since:
        tags.append(Tag(_("not seen for long"), "warning"))
    if service.moved_to:
        tags.append(Tag(_("may have moved"), "warning"))
    return tags


def _notes(service: Service) -> list[Note]:
    notes = []
    if service.lifecycle == Lifecycle.ACCEPTED and (advice := state_advice(service.health)):
        notes.append(Note(_since(advice, service.health_since), state_tag(service.health).kind, "activity"))
    if service.stale_since:
        words = _("Nothing was heard of it since %(day)s. It is kept until you stop using it.")
        notes.append(Note(words % {"day": _day(service.stale_since)}, "warning", "clock"))
    if service.moved_to:
        words = _("Something at %(place)s says that it is this service and cannot prove it. Test it before you use it.")
        notes.append(Note(words % {"place": service.moved_to}, "warning", "route"))
    return notes


def _since(words: str, since: datetime | None) -> str:
    return f"{words} {_('Since %(time)s.') % {'time': _day(since)}}" if since else words


def _day(at: datetime) -> str:
    return date_format(localtime(at), _("j M, H:i"))


def _wants_key(service: Service, finding: dict[str, Any]) -> bool:
    if service.lifecycle == Lifecycle.ACCEPTED:
        return service.health == HealthState.CONFIG_ERROR
    return bool(finding.get("needs_key")) and not service.has_key


def _model_line(model: dict[str, Any]) -> ModelLine:
    length = model.get("context_length")
    return ModelLine(
        name=model["name"],
        abilities=", ".join(ability_words(each) for each in sorted(model.get("capabilities") or [])),
        context=f"{length:,}" if length else "",
        is_loaded=bool(model.get("is_loaded")),
    )


def _models_line(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:_NAMED_MODELS])
    rest = len(names) - _NAMED_MODELS
    if rest > 0:
        shown = _("%(names)s and %(n)s more") % {"names": shown, "n": rest}
    count = ngettext("%(n)s model", "%(n)s models", len(names)) % {"n": len(names)}
    return f"{count}: {shown}"


def _facts(service: Service, finding: dict[str, Any]) -> list[Fact]:
    confidence = finding.get("confidence")
    facts = [
        Fact(_("Product"), kind_words(service.kind)),
        Fact(_("Version"), str(finding.get("version") or "")),
        Fact(_("Certainty"), f"{confidence:.0%}" if isinstance(confidence, int | float) else ""),
        Fact(_("Address"), service.url, is_code=True),
        Fact(_("Answered from"), finding.get("address") or "", is_code=True),
        Fact(_("Command"), " ".join(finding.get("command") or []), is_code=True),
        Fact(_("Secrets it asks for"), ", ".join(finding.get("env_names") or []), is_code=True),
        Fact(_("Found"), source_words(service.source)),
        Fact(_("First seen"), _day(service.first_seen_at)),
        Fact(_("Key"), _("stored") if service.has_key else ""),
        Fact(_("Known by"), service.identity, is_code=True),
    ]
    return [fact for fact in facts if fact.value]
