"""What processes tell each other of the servers: small records in a hash of Valkey, the newest of each counts.

Times leave a process as Valkey's own clock tells them, and come in as the process counts.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from apps.inference.engine.breaker import Breaker
from apps.inference.engine.health import NEVER, Facts, Mark, Outcome, Probe

_MARKS = ("cooldown", "refusal", "busy", "warming")
# What another process says may be this far ahead at most: a wrong clock must not keep a server out for days.
_AHEAD_S = 3600.0
_WORDS_CHARS = 300

# Two readings of one record differ by less than this; two changes by more.
SAME_S = 0.0005

# A record: what it is of ("circuit", "circuit:model", "gone:model", "cooldown", "probe" …) and its fields; the
# first is the time of its last change.
Record = list[Any]


def records_of(facts: Facts) -> Iterator[tuple[str, Record]]:
    """This will make a record of each part that ever changed."""
    yield from _circuits_of(facts)
    for name in _MARKS:
        mark: Mark = getattr(facts, name)
        if mark.at:
            yield name, _of_mark(mark)
    for model, mark in facts.gone.items():
        yield f"gone:{model}", _of_mark(mark)
    probe = facts.probe
    if probe.at:
        yield "probe", [probe.at, probe.since, probe.count, probe.outcome.value, probe.words[:_WORDS_CHARS]]


def _circuits_of(facts: Facts) -> Iterator[tuple[str, Record]]:
    if facts.circuit.changed_at:
        yield "circuit", _of_circuit(facts.circuit)
    for model, circuit in facts.models.items():
        if circuit.changed_at:
            yield f"circuit:{model}", _of_circuit(circuit)


def _of_circuit(circuit: Breaker) -> Record:
    return [
        circuit.changed_at,
        circuit.opened_at,
        circuit.open_until,
        circuit.probing_since,
        circuit.openings,
        circuit.is_open,
    ]


def _of_mark(mark: Mark) -> Record:
    return [mark.at, mark.since, mark.until, mark.words[:_WORDS_CHARS]]


def take_in(facts: Facts, part: str, record: Record, now: float) -> bool:
    """This will take over a record that is newer than what is known; True if it was.

    Raises:
        ValueError, TypeError, IndexError: it is no record.
    """
    kind, _, model = part.partition(":")
    if not isinstance(record[0], float | int) or record[0] > now + _AHEAD_S:
        raise ValueError(part)
    if kind == "circuit":
        return _take_circuit(facts, model, record)
    if kind == "gone":
        mark = _newer(facts.gone.get(model, NEVER), record, now)
        if mark:
            facts.gone[model] = mark
        return mark is not None
    if kind == "probe":
        return _take_probe(facts, record)
    if kind in _MARKS and (mark := _newer(getattr(facts, kind), record, now)):
        setattr(facts, kind, mark)
        return True
    return False


def _newer(mark: Mark, record: Record, now: float) -> Mark | None:
    if record[0] <= mark.at + SAME_S:
        return None
    return Mark(float(record[0]), float(record[1]), min(float(record[2]), now + _AHEAD_S), str(record[3]))


def _take_probe(facts: Facts, record: Record) -> bool:
    at, since, count, outcome, words = record
    if at <= facts.probe.at + SAME_S:
        return False
    facts.probe = Probe(Outcome(outcome), float(at), float(since), int(count), str(words))
    return True


def _take_circuit(facts: Facts, model: str, record: Record) -> bool:
    circuit = facts.circuit if not model else facts.models.get(model)
    if circuit is not None and record[0] <= circuit.changed_at + SAME_S:
        return False
    if circuit is None:
        circuit = facts.models[model] = Breaker()
    circuit.take_over(*record)
    return True


def encode(record: Record, offset_s: float, times: int) -> bytes:
    """This will write a record with its first `times` fields on Valkey's clock."""
    return msgspec.json.encode([_moved(field, offset_s) for field in record[:times]] + record[times:])


def decode(raw: bytes, offset_s: float, times: int) -> Record:
    """This will read a record, its times as this process counts them.

    Raises:
        ValueError, TypeError
    """
    record = msgspec.json.decode(raw, type=list[Any])
    return [_moved(field, -offset_s) for field in record[:times]] + record[times:]


def times_in(part: str) -> int:
    """This will tell how many of a record's first fields are times."""
    return {"circuit": 4, "probe": 2}.get(part.partition(":")[0], 3)


def _moved(time_s: float, by_s: float) -> float:
    """Move a time between clocks; 0 means never on both."""
    return time_s + by_s if time_s else 0.0
