"""How much work waits: the one number that limits and scaling follow."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that no worker has taken although it could begin, and work under way."""

    waiting: int = 0
    active: int = 0


_measures: list[Callable[[], Queue]] = []


def register_queue(measure: Callable[[], Queue]) -> None:
    """This will count a queue among the work; `measure` is called in a thread, every few seconds."""
    _measures.append(measure)


def queued_work() -> Queue:
    """This will add up all queues."""
    queues = [measure() for measure in _measures]
    return Queue(sum(queue.waiting for queue in queues), sum(queue.active for queue in queues))
