"""Which handler answers at which address."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apps.gateway.exchange import Exchange
from apps.gateway.shape import Shape
from olympus.kernel.actor import Scope

Handler = Callable[[Exchange], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """One address with its method; `scope` is what a key needs for it, None where nobody needs a key."""

    handler: Handler
    shape: Shape
    scope: Scope | None


class Routes:
    """The table: whole addresses, and beginnings that end in `/` and take what follows."""

    def __init__(self) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._open: dict[str, dict[str, Route]] = {}

    def add(self, method: str, path: str, handler: Handler, shape: Shape, scope: Scope | None = Scope.WRITE) -> None:
        """This will let a handler answer at an address; one that ends in `/` takes all below it."""
        table = self._open if path.endswith("/") else self._exact
        table.setdefault(path, {})[method] = Route(handler, shape, scope)

    def at(self, path: str) -> tuple[dict[str, Route], str]:
        """This will find the routes of an address by method, and what follows their own part of it."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, ""
        for begin, methods in self._open.items():
            if path.startswith(begin) and len(path) > len(begin):
                return methods, path[len(begin) :]
        return {}, ""

    def paths(self) -> list[tuple[str, str]]:
        """This will list every (method, path)."""
        tables = (*self._exact.items(), *self._open.items())
        return [(method, path) for path, methods in tables for method in methods]
