"""In which order a scan looks at its places, so that what is likely is seen also where time is short."""

import random
from collections.abc import Collection, Iterable, Iterator

from apps.discovery.engine.fingerprints import DEFAULT_PORTS
from apps.discovery.scanning.places import Place

Spot = list[Place]
# At 20 connections a second a /22 takes a quarter of an hour for these; the other quarter is for hosts that answered.
_FIRST_PORTS = len(DEFAULT_PORTS)


def in_turn(spots: Iterable[Spot], answering: Collection[str]) -> Iterator[Spot]:
    """This will yield this machine and named hosts, then of the networks' hosts the likely ports, then the other ports.

    Those of hosts that answered come first: `answering` is read as it fills. The rest comes in another order each
    time, so that what one scan has no time for is seen by a later one. Ports take turns, not hosts: none is asked for
    all its ports at once.
    """
    near: list[Spot] = []
    far: list[Spot] = []
    for spot in spots:
        (near if spot[0].is_loopback or spot[0].candidate.is_named else far).append(spot)
    ports = sorted({spot[0].candidate.port for spot in far}, key=lambda port: (port not in DEFAULT_PORTS, port))
    likely = set(ports[:_FIRST_PORTS])
    yield from sorted(near, key=_rank)
    yield from sorted((spot for spot in far if spot[0].candidate.port in likely), key=_rank)
    silent: list[Spot] = []
    for spot in sorted((spot for spot in far if spot[0].candidate.port not in likely), key=_rank):
        if spot[0].address in answering:
            yield spot
        else:
            silent.append(spot)
    random.shuffle(silent)
    yield from silent


def _rank(spot: Spot) -> tuple[bool, int]:
    candidate = spot[0].candidate
    return candidate.kind is None and candidate.port not in DEFAULT_PORTS, candidate.port
