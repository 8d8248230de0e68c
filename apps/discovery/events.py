"""What discovery tells the open pages of owners and administrators."""

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
