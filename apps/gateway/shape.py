"""What differs between the programs' shapes when something goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.gateway.errors import Fault


@dataclass(frozen=True, slots=True)
class Shape:
    """How errors are told: as a whole answer, and as the end of a stream."""

    error_body: Callable[[Fault], bytes]
    error_event: Callable[[Fault], bytes]
