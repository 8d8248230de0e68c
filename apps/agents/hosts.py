"""The registry of hosts: who runs may work for."""

from apps.agents.contracts import RunHost

_hosts: dict[str, RunHost] = {}


def register_host(name: str, host: RunHost) -> None:
    """This will let runs name `host` as theirs; call it in `ready()`."""
    _hosts[name] = host


def host_named(name: str) -> RunHost:
    """This will find a registered host."""
    return _hosts[name]
