"""What a scan is to look at: the sources with all they may know, under the grants that hold."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import Error
from django.utils import timezone

from apps.discovery.contracts import Progress, ScanResult, ServiceKind
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import scan
from apps.discovery.selectors import grants_in_force
from apps.discovery.sources.context import ConfiguredAddress, Problem, SourceContext
from apps.discovery.sources.here import context_here
from apps.discovery.sources.registry import SOURCES, gather_candidates
from apps.inference.contracts import ProviderKind
from apps.inference.facade import known_servers
from olympus.kernel.db import in_thread

logger = logging.getLogger(__name__)

NETWORKS = "networks"
# Past this a look at one's own machine has met something that holds it up; a granted /22 takes minutes.
_NEAR_DEADLINE_S = 30.0
NETWORKS_DEADLINE_S = 1800.0


@dataclass(frozen=True, slots=True)
class Look:
    """What to ask of which sources, prepared in the database and carried out without it."""

    organization_id: UUID
    context: SourceContext
    policy: Policy
    sources: tuple[str, ...]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look."""

    result: ScanResult
    problems: tuple[Problem, ...]


def is_looking_around() -> bool:
    """This will tell whether Olympus may look for what nobody named; OLYMPUS_AUTODETECT=0 turns that off."""
    return os.environ.get("OLYMPUS_AUTODETECT") != "0"


def prepare_look(organization_id: UUID, *, with_networks: bool, now: datetime) -> Look:
    """This will read what a scan goes by: settings, servers in use, grants that hold."""
    grants = grants_in_force(organization_id, now) if with_networks else ()
    context = context_here(now, grants=grants, configured=_in_use(organization_id))
    deadline_s = NETWORKS_DEADLINE_S if grants else _NEAR_DEADLINE_S
    return Look(organization_id, context, Policy(now=now, grants=grants), _sources(has_grants=bool(grants)), deadline_s)


def _sources(*, has_grants: bool) -> tuple[str, ...]:
    return tuple(name for name in SOURCES if has_grants or name != NETWORKS)


def _in_use(organization_id: UUID) -> list[ConfiguredAddress]:
    """Servers in use are looked at where they are; their entries' ids are names that stay when an address changes."""
    kinds = {ProviderKind.OLLAMA: ServiceKind.OLLAMA}
    return [
        ConfiguredAddress(
            address=server.base_url, identity=server.id.hex, name=server.name, kind=kinds.get(server.kind)
        )
        for server in known_servers(organization_id)
        if server.is_enabled and server.base_url
    ]


async def carry_out_look(look: Look, tell: Callable[[Progress], None]) -> Seen:
    """This will ask the sources where to look, and look there."""
    named = await gather_candidates(look.context, look.sources)
    renew = partial(_policy_now, look.organization_id) if look.policy.grants else None
    result = await scan(named.candidates, look.policy, deadline_s=look.deadline_s, tell=tell, renew=renew)
    return Seen(result, named.problems)


async def _policy_now(organization_id: UUID) -> Policy:
    """The grants that hold by now; where the database does not say, none does."""
    now = timezone.now()
    try:
        return Policy(now=now, grants=await in_thread(grants_in_force, organization_id, now))
    except Error:
        logger.warning("grants could not be read: networks are left alone", exc_info=True)
        return Policy(now=now)
