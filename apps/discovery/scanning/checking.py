"""Looking at a service that was found before: is it well, and what does it offer now."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from apps.discovery.contracts import Candidate, HealthReport, HealthState, Refusal, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint
from apps.discovery.engine.fingerprints import fingerprint_of, redis
from apps.discovery.engine.judging import is_alive, judge
from apps.discovery.engine.policy import Policy
from apps.discovery.engine.wire import Probe
from apps.discovery.scanning.limits import LIMITS, Limits
from apps.discovery.scanning.places import Place, Resolve, Resolver, look_up, places_of
from apps.discovery.scanning.probing import Conversation
from apps.discovery.scanning.wire import Wire

logger = logging.getLogger(__name__)

_PORTS = {"http": 80, "https": 443, "redis": 6379, "postgresql": 5432}
# An accepted service is the owner's word: no grant is needed, and none is asked for. So the time does not matter.
_POLICY = Policy(now=datetime.min.replace(tzinfo=UTC))


async def check_health(
    kind: ServiceKind,
    url: str,
    key: str = "",
    *,
    is_listing: bool = False,
    resolve: Resolve = look_up,
    limits: Limits = LIMITS,
) -> HealthReport:
    """This will look once at a service the owner accepted; with `is_listing` its models are read too.

    Never raises. Addresses that are always refused are refused here as well. The key goes to the address checked,
    over TLS only with a valid certificate.
    """
    place = await _place_of(kind, url, Resolver(resolve, limits.resolve_s))
    if isinstance(place, Refusal):
        state = HealthState.OFFLINE if place is Refusal.UNRESOLVED else HealthState.CONFIG_ERROR
        return HealthReport(state=state, detail=place.value)
    try:
        return await _look(kind, place, key, is_listing=is_listing, limits=limits)
    except Exception:
        # Many are looked at together, and whatever one says, the others are heard.
        logger.exception("an answer could not be read", extra={"place": f"{place.address}:{place.candidate.port}"})
        return HealthReport(state=HealthState.UNHEALTHY, detail="its answer could not be read")


async def _look(kind: ServiceKind, place: Place, key: str, *, is_listing: bool, limits: Limits) -> HealthReport:
    fingerprint = fingerprint_of(kind, place.mcp_path if kind is ServiceKind.MCP else "")
    async with Wire(limits, is_verifying=True) as wire:
        talk = Conversation(wire, place, "" if kind is ServiceKind.REDIS else key)
        await talk.ask(*_watch(fingerprint, key))
        report = judge(fingerprint, talk.answers)
        if report.is_other and fingerprint.watch_else:
            await talk.ask(*fingerprint.watch_else)
            report = judge(fingerprint, talk.answers)
        if is_listing and is_alive(fingerprint, talk.answers):
            reading = await talk.read(fingerprint, *_signs(fingerprint))
            report = replace(report, models=reading.models, version=reading.version)
    return report


def _watch(fingerprint: Fingerprint, key: str) -> tuple[Probe, ...]:
    return (redis.ping(key),) if fingerprint.kind is ServiceKind.REDIS else fingerprint.watch


def _signs(fingerprint: Fingerprint) -> tuple[Probe, ...]:
    return tuple({sign.probe.name: sign.probe for signs in fingerprint.signs for sign in signs}.values())


async def _place_of(kind: ServiceKind, url: str, resolver: Resolver) -> Place | Refusal:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return Refusal.ODD_HOST
    candidate = Candidate(
        source="accepted",
        host=parts.hostname or "",
        port=port,
        scheme=parts.scheme,
        path=_path_of(kind, parts),
        kind=kind,
        is_named=True,
    )
    places = await places_of(candidate, _POLICY, resolver)
    return places if isinstance(places, Refusal) else places[0]


def _path_of(kind: ServiceKind, parts: SplitResult) -> str:
    base = fingerprint_of(kind).base
    return parts.path if kind is ServiceKind.MCP else parts.path.rstrip("/").removesuffix(base)
