"""What a scan looks at first where there is more than it has time for."""

from itertools import groupby

from apps.discovery.contracts import Candidate
from apps.discovery.scanning.order import Spot, in_turn
from apps.discovery.scanning.places import Place

HOSTS = ("10.0.0.1", "10.0.0.2", "10.0.0.3")
USUAL = (8000, 11434)
ODD = tuple(range(20_001, 20_021))


def spots(*hosts: str, ports: tuple[int, ...] = (*ODD, *USUAL), is_named: bool = False) -> list[Spot]:
    """Every port of every host, host by host."""
    return [
        [Place(Candidate(source="networks", host=host, port=port, is_named=is_named), host)]
        for host in hosts
        for port in ports
    ]


def places(turn: list[Spot]) -> list[tuple[str, int]]:
    """Addresses and ports in their order."""
    return [(spot[0].address, spot[0].candidate.port) for spot in turn]


def test_likely_ports_of_all_hosts_come_first_then_what_is_left_of_hosts_that_answered() -> None:
    answering: set[str] = set()
    turn = in_turn(spots(*HOSTS), answering)

    first = places([next(turn) for _ in range(17 * len(HOSTS))])
    answering.add("10.0.0.2")
    rest = places(list(turn))

    assert [port for port, _ in groupby(port for _, port in first)][:3] == [8000, 11434, ODD[0]]
    assert {address for address, _ in first} == set(HOSTS)
    assert [address for address, _ in rest[:5]] == ["10.0.0.2"] * 5
    assert {address for address, _ in rest[5:]} == {"10.0.0.1", "10.0.0.3"}
    assert set(first) | set(rest) == set(places(spots(*HOSTS)))
    assert len(first) + len(rest) == len(HOSTS) * 22


def test_silent_hosts_come_in_another_order_each_time() -> None:
    orders = {tuple(places(list(in_turn(spots(*HOSTS), ())))[17 * len(HOSTS) :]) for _ in range(5)}

    assert len(orders) > 1


def test_this_machine_and_named_hosts_come_before_networks_and_there_too_likely_ports_first() -> None:
    near = [*spots("127.0.0.1"), *spots("10.9.9.9", is_named=True)]

    turn = places(list(in_turn([*spots(*HOSTS), *near], ())))

    assert {address for address, _ in turn[:44]} == {"127.0.0.1", "10.9.9.9"}
    assert {port for _, port in turn[:4]} == set(USUAL)
