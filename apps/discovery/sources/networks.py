"""The source of granted networks: every host of a grant that holds, at the ports the owner named."""

import ipaddress
from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.discovery.contracts import Candidate, Grant
from apps.discovery.engine.policy import MOST_ADDRESSES
from apps.discovery.sources.context import Named, Problem, SourceContext
from apps.discovery.sources.ports import kind_at

NAME = "networks"


async def candidates(context: SourceContext) -> Named:
    """This will name the hosts of all grants that have not expired, made while they are read."""
    holding: list[Grant] = []
    problems: list[Problem] = []
    for grant in context.grants:
        if grant.expires_at <= context.now:
            continue
        if _is_narrow(grant.cidr):
            holding.append(grant)
        else:
            problems.append(Problem(NAME, _("The range %(cidr)s is wider than a /22.") % {"cidr": grant.cidr[:50]}))
    return Named(candidates=_hosts(holding), problems=tuple(problems))


def _is_narrow(cidr: str) -> bool:
    try:
        return ipaddress.ip_network(cidr, strict=False).num_addresses <= MOST_ADDRESSES
    except ValueError:
        return False


def _hosts(grants: list[Grant]) -> Iterator[Candidate]:
    """Port by port and not host by host, so that no host is asked for all its ports at once."""
    for grant in grants:
        network = ipaddress.ip_network(grant.cidr, strict=False)
        for port in grant.ports:
            kind = kind_at(port)
            for address in network.hosts():
                yield Candidate(source=NAME, host=str(address), port=port, kind=kind)
