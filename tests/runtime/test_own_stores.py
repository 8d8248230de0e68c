"""DATABASE_URL and REDIS_URL: a Postgres and a Valkey of one's own instead of the embedded ones."""

import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
import redis

from olympus.runtime.embedded import Postgres, Valkey
from olympus.runtime.process import Child, Program
from tests.runtime.conftest import Fetch
from tests.support.stack import Stack

pytestmark = pytest.mark.stack


@dataclass
class Servers:
    """Two servers on TCP that Olympus did not start."""

    postgres: Child
    valkey: Child
    database_url: str
    redis_url: str


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A Postgres and a Valkey that listen on 127.0.0.1."""
    folder = tmp_path_factory.mktemp("servers")
    sockets = tmp_path_factory.mktemp("s")
    # Postgres runs as somebody else, who must get there: past the folders of the run, of pytest and of its process.
    for folder_above in (sockets, *sockets.parents[:3]):
        if (mode := folder_above.stat().st_mode) & 0o011 != 0o011:
            folder_above.chmod(mode | 0o011)
    postgres, postgres_port = start_postgres(folder, sockets)
    valkey, valkey_port = start_valkey(folder)
    yield Servers(
        postgres,
        valkey,
        f"postgresql://postgres@127.0.0.1:{postgres_port}/olympus",
        f"redis://127.0.0.1:{valkey_port}/3",
    )
    valkey.stop()
    postgres.stop()


def start_postgres(folder: Path, sockets: Path) -> tuple[Child, int]:
    """Start one over TCP, with an empty database."""
    server, port = Postgres(folder / "postgres", sockets, durable=False), free_port()
    server.prepare()
    with (folder / "postgres" / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 127.0.0.1/32 trust\n")
    access = (folder / "postgres" / "pg_hba.conf").read_text().replace("reject", "trust")
    (folder / "postgres" / "pg_hba.conf").write_text(access)
    program = server.program()
    listening = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}"]
    child = begin(replace(program, argv=[*program.argv, *listening]), folder)
    address = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    wait_for(lambda: psycopg.connect(address).close(), psycopg.OperationalError, child)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE olympus")
    return child, port


def start_valkey(folder: Path) -> tuple[Child, int]:
    """Start one over TCP."""
    program, port = Valkey(folder).program(), free_port()
    arguments = [argument if argument != "0" else str(port) for argument in program.argv]
    child = begin(replace(program, argv=[*arguments, "--bind", "127.0.0.1", "--unixsocket", ""]), folder)
    client = redis.Redis(port=port)
    wait_for(client.ping, redis.ConnectionError, child)
    client.close()
    return child, port


def begin(program: Program, folder: Path) -> Child:
    """Start a server."""
    child = Child(program, folder / f"{program.name}.log")
    child.start()
    return child


def wait_for(question: object, refusal: type[Exception], child: Child) -> None:
    """Ask until it is answered."""
    end = time.monotonic() + 20
    while True:
        try:
            question()  # type: ignore[operator]
        except refusal:
            assert child.status() is None, child.log.read_text()
            assert time.monotonic() < end, child.log.read_text()
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """A port nobody listens on, below those that the system gives to whoever asks for any."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, lowest)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def test_nothing_embedded_starts_beside_servers_that_are_named(servers: Servers, fetch: Fetch) -> None:
    named = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}

    with Stack(env=named) as stack:
        ready, pids, joined = fetch(f"{stack.url}readyz"), stack.pids(), stack.manage("showmigrations", "kernel")
        has_files = (stack.data / "postgres").exists()

    assert ready[0] == 200
    assert pids.keys() == {"web", "worker"}
    assert joined.returncode == 0, joined.stderr
    assert not has_files
    assert servers.postgres.status() is None
    assert servers.valkey.status() is None
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)
