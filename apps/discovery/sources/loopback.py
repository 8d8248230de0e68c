"""The source of this machine's default ports: what answers there needs no look at the list of listeners."""

from apps.discovery.contracts import Candidate
from apps.discovery.sources.context import Named, SourceContext
from apps.discovery.sources.ports import ALL_DEFAULT_PORTS, kind_at

NAME = "loopback"


async def candidates(context: SourceContext) -> Named:
    """This will name the default port of each product on 127.0.0.1, but for Olympus' own."""
    if not context.is_autodetecting:
        return Named()
    own = context.environment.get("OLYMPUS_PORT", "")
    return Named(
        candidates=[
            Candidate(source=NAME, host="127.0.0.1", port=port, kind=kind_at(port))
            for port in ALL_DEFAULT_PORTS
            if str(port) != own
        ]
    )
