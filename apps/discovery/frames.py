"""Discovery's part of the live protocol: what it tells open pages."""

from apps.discovery.events import DiscoveryChanged, DiscoveryProgress, ServiceTrouble
from olympus.kernel.live import register_event


def register() -> None:
    """This will add discovery's events to the live protocol."""
    for event in (DiscoveryChanged, DiscoveryProgress, ServiceTrouble):
        register_event(event)
