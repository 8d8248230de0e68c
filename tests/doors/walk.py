"""Every address the product answers, as Django itself resolves it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Door:
    """One URL pattern: its full route, the names in it, and its view."""

    route: str
    names: tuple[str, ...]
    view: Any

    @property
    def is_admin(self) -> bool:
        """Whether it is one of Django's admin, all of which belong to owners."""
        return self.route.startswith("admin/") and self.route != "admin/login/"

    @property
    def is_api(self) -> bool:
        """Whether programs use it."""
        return self.route.startswith("api/")

    def address(self, values: Mapping[str, object]) -> str:
        """Write the address with the given values; fail if it would lead to another door."""

        def value(match: re.Match[str]) -> str:
            return str(values[match[1] or match[2]])

        address = "/" + _PARAMETER.sub(value, self.route).replace("^", "").replace("$", "")
        assert resolve(address).route == self.route.replace("/^", "/"), f"{address} leads elsewhere"
        return address


def doors() -> list[Door]:
    """List every URL pattern, all includes walked; of two alike the first answers."""
    found: dict[str, Door] = {}
    for door in _walk(get_resolver().url_patterns, ""):
        found.setdefault(door.route, door)
    return list(found.values())


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            names = tuple(first or second for first, second in _PARAMETER.findall(route))
            yield Door(route, names, pattern.callback)
