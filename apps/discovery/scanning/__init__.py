"""The scanner: what is asked of which address, within the policy and the limits."""

from apps.discovery.scanning.checking import check_health
from apps.discovery.scanning.limits import LIMITS, Limits
from apps.discovery.scanning.scan import identify, scan

__all__ = ["LIMITS", "Limits", "check_health", "identify", "scan"]
