"""The source of what the owner entered."""

from apps.discovery.contracts import Candidate
from apps.discovery.sources.addresses import Place, parse_place, server_path
from apps.discovery.sources.context import ConfiguredAddress, Named, Problem, SourceContext
from apps.discovery.sources.ports import ALL_DEFAULT_PORTS, kind_at, ports_of
from olympus.kernel.errors import Invalid

NAME = "configured"


async def candidates(context: SourceContext) -> Named:
    """This will name the addresses the owner entered; a host without a port stands for all default ports."""
    found: list[Candidate] = []
    problems: list[Problem] = []
    for entry in context.configured:
        try:
            found.extend(named_at(entry))
        except Invalid as error:
            problems.append(Problem(NAME, f"{entry.name or _shown(entry.address)}: {error.message}"))
    return Named(candidates=found, problems=tuple(problems))


def named_at(entry: ConfiguredAddress) -> list[Candidate]:
    """This will make candidates of one address, one for each port it may mean.

    Raises:
        Invalid: it is no address.
    """
    place = parse_place(entry.address)
    ports = _ports_of(place, entry)
    return [
        Candidate(
            source=NAME,
            host=place.host,
            port=port,
            scheme=place.scheme,
            path=server_path(place.path),
            kind=entry.kind or place.kind or (kind_at(port) if len(ports) > 1 else None),
            name=entry.name,
            # With many ports one id would stand for many services.
            identity=entry.identity if len(ports) == 1 else "",
            is_named=True,
        )
        for port in ports
    ]


def _ports_of(place: Place, entry: ConfiguredAddress) -> tuple[int, ...]:
    if place.port:
        return (place.port,)
    return ports_of(entry.kind) if entry.kind else ALL_DEFAULT_PORTS


def _shown(address: str) -> str:
    """As much of an address as cannot be a password."""
    return address.rpartition("@")[2][:100]
