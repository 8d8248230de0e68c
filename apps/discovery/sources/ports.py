"""The ports at which products listen unless somebody changed it, from their fingerprints."""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprints import ALL, BY_KIND, DEFAULT_PORTS

__all__ = ["ALL_DEFAULT_PORTS", "kind_at", "ports_of"]

ALL_DEFAULT_PORTS = DEFAULT_PORTS


def ports_of(kind: ServiceKind) -> tuple[int, ...]:
    """This will name the default ports of a product; one without any is looked for at all of them."""
    return BY_KIND[kind].ports or ALL_DEFAULT_PORTS


def kind_at(port: int) -> ServiceKind | None:
    """This will name the product whose port this is, if it is one product's alone."""
    kinds = [each.kind for each in ALL if port in each.ports]
    return kinds[0] if len(kinds) == 1 else None
