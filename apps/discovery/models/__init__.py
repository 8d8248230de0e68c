"""The tables of discovery."""

from apps.discovery.models.changes import Change, Subject
from apps.discovery.models.rules import AcceptRule
from apps.discovery.models.scans import Scan, ScanGrant, ScanState, Trigger
from apps.discovery.models.schedules import DeclaredSchedule
from apps.discovery.models.services import (
    HealthChoices,
    KindChoices,
    LifecycleChoices,
    ProofState,
    Service,
    ServiceHealth,
)

__all__ = [
    "AcceptRule",
    "Change",
    "DeclaredSchedule",
    "HealthChoices",
    "KindChoices",
    "LifecycleChoices",
    "ProofState",
    "Scan",
    "ScanGrant",
    "ScanState",
    "Service",
    "ServiceHealth",
    "Subject",
    "Trigger",
]
