"""What the owner, the environment, compose networks and grants name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from apps.discovery.contracts import Candidate, Grant, ServiceKind
from apps.discovery.engine.fingerprints import DEFAULT_PORTS
from apps.discovery.sources import configured, containers, environment, loopback, networks
from apps.discovery.sources.context import ConfiguredAddress, Resolved, SourceContext

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def place(candidate: Candidate) -> tuple[str, str, int, str]:
    return candidate.scheme, candidate.host, candidate.port, candidate.path


async def configured_at(address: str, **more: object) -> list[Candidate]:
    context = SourceContext(now=NOW, configured=(ConfiguredAddress(address=address, **more),))  # type: ignore[arg-type]
    return list((await configured.candidates(context)).candidates)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://192.168.1.20:11434", ("http", "192.168.1.20", 11434, "")),
        ("nas:8000", ("http", "nas", 8000, "")),
        ("https://gate.lan/llm/v1", ("https", "gate.lan", 443, "/llm")),
        ("http://nas:8000/v1/chat/completions", ("http", "nas", 8000, "")),
        ("redis://:secret@cache:6380/0", ("redis", "cache", 6380, "")),
        ("postgresql://ada:secret@db/shop", ("postgresql", "db", 5432, "")),
        ("[::1]:9000", ("http", "::1", 9000, "")),
        ("HTTP://NAS:80", ("http", "nas", 80, "")),
    ],
)
async def test_an_address_the_owner_entered_is_taken_apart(address: str, expected: tuple[str, str, int, str]) -> None:
    [it] = await configured_at(address, identity="17")

    assert place(it) == expected
    assert it.is_named
    assert it.identity == "17"
    assert "secret" not in repr(it)


@pytest.mark.parametrize("host", ["192.168.1.20", "nas", "fd12::1"])
async def test_a_host_alone_stands_for_all_default_ports(host: str) -> None:
    found = await configured_at(host, identity="17")

    assert [each.port for each in found] == list(DEFAULT_PORTS)
    assert {each.host for each in found} == {host}
    assert {each.identity for each in found} == {""}


async def test_a_host_of_a_known_product_stands_for_its_ports() -> None:
    found = await configured_at("nas", kind=ServiceKind.OLLAMA)

    assert [(each.port, each.kind) for each in found] == [(11434, ServiceKind.OLLAMA)]


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "ftp://nas",
        "http://",
        "http://:80",
        "http://nas:0",
        "nas:http",
        "a b",
        "nas\x00",
        "x" * 5000,
        "http://[::1",
    ],
)
async def test_what_is_no_address_is_told_of(address: str) -> None:
    context = SourceContext(now=NOW, configured=(ConfiguredAddress(address=address), ConfiguredAddress(address="ok:1")))

    named = await configured.candidates(context)

    assert [each.host for each in named.candidates] == ["ok"]
    assert len(named.problems) == 1
    assert len(named.problems[0].message) < 300


async def test_a_password_in_a_wrong_address_is_not_repeated() -> None:
    context = SourceContext(now=NOW, configured=(ConfiguredAddress(address="ftp://ada:hunter2@nas"),))

    named = await configured.candidates(context)

    assert "hunter2" not in named.problems[0].message


async def in_environment(**variables: str) -> list[Candidate]:
    return list((await environment.candidates(SourceContext(now=NOW, environment=variables))).candidates)


async def test_servers_the_environment_names_are_read_as_inference_reads_them() -> None:
    ollama, openai = await in_environment(
        OLLAMA_HOST="0.0.0.0", OPENAI_BASE_URL="http://10.0.0.2:8000/v1", OPENAI_API_KEY="sk-secret"
    )

    assert (place(ollama), ollama.kind) == (("http", "127.0.0.1", 11434, ""), ServiceKind.OLLAMA)
    assert place(openai) == ("http", "10.0.0.2", 8000, "")
    assert "sk-secret" not in repr(openai)


async def test_stores_and_searxng_are_named_without_their_passwords() -> None:
    found = await in_environment(
        DATABASE_URL="postgresql://olympus:hunter2@db:5433/olympus",
        REDIS_URL="redis://:hunter2@redis:6379/0",
        SEARXNG_URL="http://searxng:8080",
    )

    assert [(each.kind, each.host, each.port) for each in found] == [
        (ServiceKind.POSTGRES, "db", 5433),
        (ServiceKind.REDIS, "redis", 6379),
        (ServiceKind.SEARXNG, "searxng", 8080),
    ]
    assert "hunter2" not in repr(found)


async def test_stores_on_a_socket_and_a_key_alone_name_no_place() -> None:
    found = await in_environment(
        DATABASE_URL="postgresql:///olympus?host=/run/pg", REDIS_URL="unix:///run/v.sock", OPENAI_API_KEY="sk-secret"
    )

    assert found == []


async def test_a_variable_that_cannot_be_used_is_told_of_by_name() -> None:
    variables = {"REDIS_URL": "carrots:hunter2", "OLLAMA_HOST": "ftp://nas", "OPENAI_BASE_URL": "http://bücher:8000"}
    context = SourceContext(now=NOW, environment=variables)

    named = await environment.candidates(context)

    assert [problem.message.split(" ")[0].strip(":") for problem in named.problems] == [
        "OLLAMA_HOST",
        "OPENAI_BASE_URL",
        "REDIS_URL",
    ]
    assert "hunter2" not in repr(named.problems)


async def test_default_ports_of_this_machine_leave_olympus_own_out() -> None:
    context = SourceContext(now=NOW, environment={"OLYMPUS_PORT": "8000"})

    found = list((await loopback.candidates(context)).candidates)

    assert {each.host for each in found} == {"127.0.0.1"}
    assert 11434 in {each.port for each in found}
    assert 8000 not in {each.port for each in found}


async def test_nothing_is_looked_for_where_that_is_turned_off() -> None:
    context = SourceContext(now=NOW, is_autodetecting=False, is_in_container=True)

    assert list((await loopback.candidates(context)).candidates) == []
    assert list((await containers.candidates(context)).candidates) == []


async def neighbors(known: dict[str, Resolved], *, is_in_container: bool = True) -> list[str]:
    async def resolve(name: str) -> Resolved | None:
        return known.get(name)

    context = SourceContext(now=NOW, resolve=resolve, is_in_container=is_in_container)
    found = list((await containers.candidates(context)).candidates)
    assert all(each.is_named for each in found)
    return [f"{each.host}:{each.port}" for each in found]


async def test_neighbors_with_private_addresses_are_named() -> None:
    known = {"ollama": Resolved("ollama", ("172.18.0.3",)), "db": Resolved("db.", ("172.18.0.4", "fd00::4"))}

    assert await neighbors(known) == ["ollama:11434", "db:5432"]


async def test_the_host_of_the_container_is_asked_at_all_default_ports() -> None:
    found = await neighbors({"host.docker.internal": Resolved("host.docker.internal", ("192.168.65.254",))})

    assert len(found) == len(DEFAULT_PORTS)


async def test_a_service_of_the_cluster_is_a_neighbor() -> None:
    assert await neighbors({"redis": Resolved("redis.ai.svc.cluster.local", ("10.96.0.9",))}) == ["redis:6379"]


@pytest.mark.parametrize(
    "resolved",
    [
        Resolved("ollama", ("93.184.215.14",)),
        Resolved("ollama", ("172.18.0.3", "93.184.215.14")),
        Resolved("ollama", ("169.254.169.254",)),
        Resolved("ollama", ("fe80::1",)),
        Resolved("ollama", ()),
        Resolved("ollama.corp.example", ("10.1.2.3",)),
    ],
)
async def test_a_name_that_stands_for_something_else_is_no_neighbor(resolved: Resolved) -> None:
    assert await neighbors({"ollama": resolved}) == []


async def test_names_are_not_asked_for_outside_a_container() -> None:
    assert await neighbors({"ollama": Resolved("ollama", ("172.18.0.3",))}, is_in_container=False) == []


def grant(cidr: str, *, days: float = 1, ports: tuple[int, ...] = (11434, 8000)) -> Grant:
    return Grant(id="1", cidr=cidr, ports=ports, expires_at=NOW + timedelta(days=days), reason="the lab")


async def in_networks(*grants: Grant) -> Iterable[Candidate]:
    return (await networks.candidates(SourceContext(now=NOW, grants=grants))).candidates


async def test_a_granted_network_is_its_hosts_port_by_port() -> None:
    found = list(await in_networks(grant("192.168.7.0/30")))

    assert [(each.host, each.port) for each in found] == [
        ("192.168.7.1", 11434),
        ("192.168.7.2", 11434),
        ("192.168.7.1", 8000),
        ("192.168.7.2", 8000),
    ]
    assert not any(each.is_named for each in found)


async def test_the_widest_grant_is_made_while_it_is_read() -> None:
    found = iter(await in_networks(grant("10.0.0.0/22")))

    assert next(found).host == "10.0.0.1"
    assert sum(1 for _ in found) == 2 * 1022 - 1


async def test_a_grant_that_has_expired_names_nothing() -> None:
    assert list(await in_networks(grant("192.168.7.0/30", days=-1), grant("192.168.8.0/30", days=0))) == []


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.0.0.0/21", "::/0", "nonsense", ""])
async def test_an_absurd_range_names_nothing_and_is_told_of(cidr: str) -> None:
    named = await networks.candidates(SourceContext(now=NOW, grants=(grant(cidr),)))

    assert list(named.candidates) == []
    assert len(named.problems) == 1
