"""What discovery tells the open pages of owners and administrators."""

from datetime import datetime
from uuid import UUID

import msgspec


class DiscoveryChanged(msgspec.Struct, tag="discovery.changed", kw_only=True):
    """Services, scans, grants or rules are no longer as they were; what shows them is out of date."""


class DiscoveryProgress(msgspec.Struct, tag="discovery.progress", kw_only=True):
    """How far the scan is that runs, in places to look at."""

    scan: UUID
    done: int
    total: int
    found: int


class ServiceTrouble(msgspec.Struct, tag="discovery.trouble", kw_only=True):
    """A service in use does not serve, or serves again; told once each.

    `state` is how it is now, `since` when the trouble began. `stand_ins` are the servers that have its models as well,
    `missing` the models that no other has. `troubled` is how many services are in trouble now.
    """

    service: UUID
    name: str
    state: str
    since: datetime
    is_over: bool
    stand_ins: list[str]
    missing: list[str]
    troubled: int
