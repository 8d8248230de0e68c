"""Names of a scan's own: each stands for the address that was checked, whatever a name server says by now."""

import errno
import socket
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult


class Pinned(AbstractResolver):
    """Answers with the address that was checked, and nothing else."""

    def __init__(self, addresses: Mapping[tuple[str, int], str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """This will return the one address of a host and port.

        Raises:
            OSError: this scan did not check it.
        """
        address = self._addresses.get((host, port))
        if address is None:
            raise OSError(errno.EACCES, "not looked up by this scan")
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=flags)]

    async def close(self) -> None:
        """Nothing is open."""
