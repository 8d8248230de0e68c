"""A program: builds a small network, scans the part of it that was granted, and prints what reached whom as JSON.

Run as `unshare --net python -m tests.doubles.fleet.scanned_network`. Two hosts lie in the granted range behind a
switch; beside it hang a neighbor whose addresses follow on the range, and a gateway to everything else, which also
has the way to the metadata address.
"""

import asyncio
import json
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.discovery.contracts import Candidate, Grant, ScanResult
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning.scan import scan
from apps.discovery.sources.context import SourceContext
from apps.discovery.sources.networks import candidates
from tests.doubles.fleet import network
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.http_server import Connection, HttpServer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GRANTED = Grant(id="1", cidr="10.77.0.0/29", ports=(8000, 11434), expires_at=NOW + timedelta(days=1), reason="try")
EXPIRED = Grant(id="2", cidr="10.77.0.8/29", ports=(8000,), expires_at=NOW, reason="was once")
# The neighbor, a host of the internet, metadata by address and by name, a port that was not granted, a sender to all.
OUTSIDE = [
    Candidate(source="test", host=host, port=port)
    for host, port in (
        ("10.77.0.9", 8000),
        ("203.0.113.1", 8000),
        ("8.8.8.8", 443),
        ("169.254.169.254", 80),
        ("metadata.internal", 80),
        ("10.77.0.2", 22),
        ("255.255.255.255", 8000),
        ("10.77.1.1", 8000),
    )
]


def build() -> dict[str, network.Host]:
    """This will make the network around this process's namespace."""
    network.quiet()
    network.loopback()
    network.bridge("lan", "10.77.0.1/29")
    hosts = {name: network.Host(name) for name in ("first", "second", "neighbor", "gateway")}
    network.attach(hosts["first"], "10.77.0.2/29", to="lan")
    network.attach(hosts["second"], "10.77.0.3/29", to="lan")
    network.attach(hosts["neighbor"], "10.77.0.9/29", own_address="10.77.0.10/29")
    network.attach(hosts["gateway"], "203.0.113.1/30", own_address="203.0.113.2/30")
    network.route("default", hosts["gateway"])
    network.route("169.254.0.0/16", hosts["gateway"])
    return hosts


async def serve(server: HttpServer, listening: socket.socket) -> asyncio.Server:
    """This will serve on a socket that belongs to another host."""
    return await asyncio.get_running_loop().create_server(lambda: Connection(server), sock=listening)


async def resolve(_: str) -> list[str]:
    """The one name that is asked for stands for the metadata address."""
    return ["169.254.169.254"]


async def scanned(hosts: dict[str, network.Host]) -> ScanResult:
    """This will scan what the grant allows, and try what it does not."""
    ollama = await serve(Ollama(), hosts["first"].listen("10.77.0.2", 11434))
    vllm = await serve(Vllm(), hosts["second"].listen("10.77.0.3", 8000))
    ssh = await serve(Vllm(), hosts["first"].listen("10.77.0.2", 22))
    named = await candidates(SourceContext(now=NOW, grants=(GRANTED, EXPIRED)))
    policy = Policy(now=NOW, grants=(GRANTED, EXPIRED))
    result = await scan([*named.candidates, *OUTSIDE], policy, resolve=resolve)
    for server in (ollama, vllm, ssh):
        server.close()
    return result


def control(host: network.Host) -> int:
    """This will speak to a host outside on purpose, and return by how much its counter rose."""
    before = host.packets()
    address = "10.77.0.9" if host.name == "neighbor" else "203.0.113.1"
    with socket.socket() as connection:
        connection.settimeout(2)
        connection.connect_ex((address, 8000))
    return host.packets() - before


def main() -> None:
    """This will print the findings, the refusals, and the packets that reached each host."""
    hosts = build()
    before = {name: host.packets() for name, host in hosts.items()}
    result = asyncio.run(scanned(hosts))
    report: dict[str, Any] = {
        "found": sorted([finding.kind, finding.url] for finding in result.findings),
        "refused": {touched.host: touched.refusal for touched in result.touched if touched.refusal},
        "asked": sorted({f"{touched.host}:{port}" for touched in result.touched for port in touched.open_ports}),
        "packets": {name: host.packets() - before[name] for name, host in hosts.items()},
        "control": {name: control(hosts[name]) for name in ("neighbor", "gateway")},
    }
    print(json.dumps(report), flush=True)
    os._exit(0)  # the hosts' threads hold their namespaces; they end with the process


if __name__ == "__main__":
    main()
