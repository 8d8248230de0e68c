"""What a scan reports: findings made of what is known, and one line of account a host."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from apps.discovery.contracts import (
    Candidate,
    Evidence,
    Finding,
    HealthState,
    Refusal,
    Risk,
    ServiceKind,
    Touched,
)
from apps.discovery.engine.fingerprints import olympus
from apps.discovery.engine.identity import key_of, plain_host, stable_name
from apps.discovery.engine.listing import V1_MODELS, shared
from apps.discovery.engine.matching import risks_of
from apps.discovery.engine.wire import Answer, short_text
from apps.discovery.scanning.places import Place, bracketed
from apps.discovery.scanning.probing import Known
from apps.discovery.scanning.wire import Trace

_SCHEMES = {ServiceKind.REDIS: "redis", ServiceKind.POSTGRES: "postgresql"}


def finding_of(place: Place, known: Known) -> Finding:
    """This will make the finding of a recognized product."""
    candidate, reading, fingerprint = place.candidate, known.reading, known.guess.fingerprint
    kind = fingerprint.kind
    claimed = olympus.instance_in(known.answers.get(V1_MODELS.name, Answer())) if kind is ServiceKind.OLYMPUS else ""
    stable, is_proven = stable_name(candidate, claimed)
    path = fingerprint.base if kind is ServiceKind.MCP else place.prefix
    risks = risks_of(
        known.guess,
        reading,
        scheme=candidate.scheme,
        is_loopback=place.is_loopback,
        listens_on=candidate.listens_on,
    )
    return Finding(
        kind=kind,
        url=url_of(place, kind, fingerprint.base),
        identity=key_of(kind, candidate.host, candidate.port, path=path, stable=stable),
        source=candidate.source,
        host=plain_host(candidate.host),
        address=place.address,
        port=candidate.port,
        version=reading.version,
        name=short_text(candidate.name) or reading.name,
        models=reading.models,
        capabilities=reading.capabilities | shared(reading.models),
        needs_key=reading.needs_key,
        evidence=known.guess.evidence(known.answers),
        risks=risks if is_proven else (*risks, Risk.CLAIMED_IDENTITY),
        confidence=known.guess.confidence,
        is_identity_proven=is_proven,
        state=reading.state or (HealthState.CONFIG_ERROR if reading.needs_key else HealthState.HEALTHY),
    )


def url_of(place: Place, kind: ServiceKind, base: str) -> str:
    """This will write the address that a client of the product uses."""
    if kind in _SCHEMES:
        return f"{_SCHEMES[kind]}://{bracketed(place.candidate.host)}:{place.candidate.port}"
    if kind is ServiceKind.MCP:
        return place.root.removesuffix(place.prefix) + base if place.prefix else place.root + base
    return place.root + base


def program_of(candidate: Candidate) -> Finding:
    """This will make the finding of a program that a configuration names; it is never started for this."""
    stable, is_proven = stable_name(candidate, "") if candidate.identity else (" ".join(candidate.command), True)
    return Finding(
        kind=ServiceKind.MCP,
        url="",
        identity=key_of(ServiceKind.MCP, "", 0, stable=stable),
        source=candidate.source,
        name=short_text(candidate.name),
        evidence=(Evidence(candidate.source, short_text(candidate.command[0])),),
        risks=(Risk.STARTS_PROGRAM,),
        is_identity_proven=is_proven,
        state=HealthState.UNKNOWN,
        command=candidate.command,
        env_names=candidate.env_names,
    )


def named_in_file(candidate: Candidate, label: str) -> Finding:
    """This will make the finding of a server that a file names and that nobody has asked yet."""
    stable, is_proven = stable_name(candidate, "")
    place = Place(candidate, "")
    path = place.mcp_path
    return Finding(
        kind=ServiceKind.MCP,
        url=place.root + path,
        identity=key_of(ServiceKind.MCP, candidate.host, candidate.port, path=path, stable=stable),
        source=candidate.source,
        host=plain_host(candidate.host),
        port=candidate.port,
        name=short_text(candidate.name),
        evidence=(Evidence(candidate.source, short_text(f"{label}: {candidate.name}")),),
        confidence=0.5,
        is_identity_proven=is_proven,
        state=HealthState.UNKNOWN,
        env_names=candidate.env_names,
    )


@dataclass(slots=True)
class _Host:
    ports: set[int] = field(default_factory=set)
    open_ports: set[int] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    received_bytes: int = 0


class Account:
    """What a scan did, host by host."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, str], _Host] = {}
        self._refused: dict[tuple[str, Refusal], set[int]] = {}

    def refuse(self, candidate: Candidate, reason: Refusal) -> None:
        """This will note that a candidate was left alone."""
        self._refused.setdefault((short_text(candidate.host), reason), set()).add(candidate.port)

    def touch(self, place: Place, trace: Trace | None, *, is_open: bool) -> None:
        """This will note a place that was looked at, and what was asked there."""
        host = self._hosts.setdefault((plain_host(place.candidate.host), place.address), _Host())
        port = place.candidate.port
        host.ports.add(port)
        if is_open:
            host.open_ports.add(port)
        if trace is not None:
            host.requests += [f"{port} {name}" for name in trace.requests]
            host.received_bytes += trace.received_bytes

    def rows(self) -> tuple[Touched, ...]:
        """This will return the account, refusals last."""
        touched = [
            Touched(
                host=name,
                address=address,
                ports=tuple(sorted(host.ports)),
                open_ports=tuple(sorted(host.open_ports)),
                requests=tuple(host.requests),
                received_bytes=host.received_bytes,
            )
            for (name, address), host in self._hosts.items()
        ]
        refused = [
            Touched(host=name, ports=tuple(sorted(ports)), refusal=reason)
            for (name, reason), ports in self._refused.items()
        ]
        return (*touched, *refused)


def without_doubles(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """This will keep one finding a place, and give those that share a stable name the name of their place.

    Several sources may name one place. A name that two places bear at once is no one's: one of them borrowed it.
    """
    by_place: dict[object, Finding] = {}
    for each in findings:
        place = (each.kind, each.address, each.port, urlsplit(each.url).path) if each.url else each.identity
        by_place.setdefault(place, each)
    bearers = Counter(each.identity for each in by_place.values())
    return tuple(_by_its_place(each) if bearers[each.identity] > 1 else each for each in by_place.values())


def _by_its_place(finding: Finding) -> Finding:
    path = urlsplit(finding.url).path
    return replace(finding, identity=key_of(finding.kind, finding.host, finding.port, path=path))
