"""What the Models page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import facade as accounts
from apps.inference.contracts import ModelInfo, ProviderKind
from apps.inference.engine.names import model_key
from apps.inference.managing.errors import MANAGED
from apps.inference.managing.ordering import LIVE, jobs_in
from apps.inference.managing.permitting import Rule, denied_models, read_rules
from apps.inference.managing.wording import capability_words, size_words, step_words, trouble_words
from apps.inference.memory.shown import ModelMemory, is_memory_managed, memory_on
from apps.inference.memory.wording import memory_words
from apps.inference.models import ModelJob, Provider
from apps.inference.selectors import enabled_providers
from olympus.kernel.actor import Actor, Role

Memory = Mapping[tuple[UUID, str], ModelMemory]

# What is over is of interest for a day, and then the list of models tells.
_SHOWN_FOR = timedelta(days=1)
_SHOWN_OVER = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A model on one server, under the server's name for it; `memory` tells of its place in the server's memory."""

    provider_id: UUID
    server: str
    name: str
    digest: str
    is_managed: bool
    is_loaded: bool
    is_pinned: bool
    memory: list[str]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model, wherever it is; `facts` are what it is, `open_to` who may use it, empty for everybody."""

    key: str
    facts: list[str]
    capabilities: list[str]
    open_to: str
    places: list[Place] = field(default_factory=list)

    @property
    def is_loaded(self) -> bool:
        """Whether some server has it in memory."""
        return any(place.is_loaded for place in self.places)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One model on its way, or what became of it."""

    id: UUID
    model: str
    server: str
    kind: str
    state: str
    state_words: str
    step: str
    trouble: str
    total: int | None
    done: int
    is_live: bool
    may_retry: bool


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """All of it; `servers` are those whose models can be managed, `others` the names of those whose cannot.

    `may_pin`: Olympus chooses what stays in memory, so that a pin does something.
    """

    models: list[ModelRow]
    jobs: list[JobRow]
    servers: list[Provider]
    others: list[str]
    may_manage: bool
    may_pin: bool


def models_page(actor: Actor) -> ModelsPage:
    """This will describe the models the actor may use or manage; a fixed number of queries."""
    providers = enabled_providers(actor.organization_id)
    rules = read_rules(actor.organization_id)
    may_manage = actor.may_administer
    denied = frozenset() if may_manage else denied_models(actor.organization_id, actor.user_id)
    managed = [provider for provider in providers if ProviderKind(provider.kind) in MANAGED]
    return ModelsPage(
        models=model_rows(actor, providers, rules, denied),
        jobs=job_rows(actor.organization_id) if may_manage else [],
        servers=managed if may_manage else [],
        others=[provider.name for provider in providers if provider not in managed] if may_manage else [],
        may_manage=may_manage,
        may_pin=may_manage and is_memory_managed(),
    )


def model_rows(
    actor: Actor, providers: Sequence[Provider], rules: Mapping[str, Rule], denied: frozenset[str]
) -> list[ModelRow]:
    """This will list models by name, each once with all servers that have it."""
    by_key: dict[str, list[tuple[Provider, ModelInfo]]] = {}
    for provider in providers:
        for info in provider.infos:
            if model_key(info.name) not in denied:
                by_key.setdefault(model_key(info.name), []).append((provider, info))
    known, memory = (rules, _memory(actor, providers)) if actor.may_administer else ({}, {})
    return [
        _row(key, offers, known.get(key), memory)
        for key, offers in sorted(by_key.items(), key=lambda item: item[0].lower())
    ]


def job_rows(organization_id: UUID) -> list[JobRow]:
    """This will list what is on its way, and what ended within a day."""
    rows = list(jobs_in(organization_id)[:100])
    live = [job for job in rows if job.state in LIVE]
    since = timezone.now() - _SHOWN_FOR
    over = [job for job in rows if job.finished_at and job.finished_at > since and not _is_plain_load(job)]
    return [job_row(job) for job in [*live, *over[:_SHOWN_OVER]]]


def job_row(job: ModelJob) -> JobRow:
    """This will describe one."""
    return JobRow(
        id=job.pk,
        model=job.model,
        server=job.provider.name,
        kind=job.get_kind_display(),
        state=job.state,
        state_words=job.get_state_display(),
        step=step_words(job),
        trouble=trouble_words(job),
        total=job.total_bytes,
        done=min(job.done_bytes, job.total_bytes or 0),
        is_live=job.state in LIVE,
        may_retry=job.state in (ModelJob.State.ERROR, ModelJob.State.CANCELLED),
    )


def facts_of(info: ModelInfo) -> list[str]:
    """This will say what a model is: its size, parameters, quantization, family and length."""
    length = info.context_length
    return [
        fact
        for fact in (
            size_words(info.size_bytes),
            _("%(n)s parameters") % {"n": info.parameter_size} if info.parameter_size else "",
            info.quantization,
            info.family,
            _("%(n)s tokens of context") % {"n": number_format(length, force_grouping=True)} if length else "",
        )
        if fact
    ]


def _memory(actor: Actor, providers: Sequence[Provider]) -> Memory:
    found = memory_on(actor.organization_id, providers)
    return {(each.provider_id, each.model): each for each in found}


def _row(key: str, offers: list[tuple[Provider, ModelInfo]], rule: Rule | None, memory: Memory) -> ModelRow:
    fullest = max((info for _provider, info in offers), key=lambda info: len(facts_of(info)))
    capabilities = frozenset(each for _provider, info in offers for each in info.capabilities)
    return ModelRow(
        key=key,
        facts=facts_of(fullest),
        capabilities=capability_words(capabilities),
        open_to=_open_to(rule) if rule else "",
        places=[_place(provider, info, memory.get((provider.pk, info.name))) for provider, info in offers],
    )


def _place(provider: Provider, info: ModelInfo, memory: ModelMemory | None) -> Place:
    is_managed = ProviderKind(provider.kind) in MANAGED
    return Place(
        provider_id=provider.pk,
        server=provider.name,
        name=info.name,
        digest=info.digest[:12],
        is_managed=is_managed,
        is_loaded=info.is_loaded and is_managed,
        is_pinned=bool(memory and memory.is_pinned),
        memory=memory_words(info, memory, timezone.now(), is_managed=is_memory_managed()) if is_managed else [],
    )


def _open_to(rule: Rule) -> str:
    parts = [
        _("administrators") if Role.ADMIN in rule.roles else "",
        _("members") if Role.MEMBER in rule.roles else "",
        ngettext("%(n)s person", "%(n)s people", len(rule.user_ids)) % {"n": len(rule.user_ids)}
        if rule.user_ids
        else "",
    ]
    return ", ".join(part for part in parts if part) or _("owners alone")


def people_choices(actor: Actor) -> list[tuple[str, str]]:
    """This will list whom a model can be opened to by name; owners may use every model anyway."""
    people = accounts.people_of(actor.organization_id)
    return [(str(user_id), name) for user_id, name, role in people if role is not Role.OWNER]


def _is_plain_load(job: ModelJob) -> bool:
    """One that was loaded is shown among the models."""
    return job.kind == ModelJob.Kind.LOAD and job.state != ModelJob.State.ERROR
