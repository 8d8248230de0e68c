"""Services, scans, grants and rules as programs see them."""

from typing import Any

from rest_framework import serializers

from apps.discovery.contracts import HealthState, Lifecycle, Refusal, Risk, ServiceKind
from apps.discovery.engine.policy import LONGEST_GRANT, MOST_PORTS
from apps.discovery.models import ProofState, ScanState, Trigger
from olympus.kernel.rest import PageQuery

_KINDS = [kind.value for kind in ServiceKind]
_STATES = [state.value for state in HealthState]
_LIFECYCLES = [word.value for word in Lifecycle]
# A JSON web token, the longest kind of key in use, stays well below.
_KEY_CHARS = 4000
_LAST_PORT = 65_535


def _list_of(child: Any, source: str | None = None, help_text: str = "") -> Any:
    return serializers.ListField(child=child, source=source, default=list, read_only=True, help_text=help_text)


class EvidenceSerializer(serializers.Serializer[Any]):
    """What made a service known."""

    probe = serializers.CharField(help_text="The request, as `GET /api/version`.")
    shown = serializers.CharField(help_text="The part of its answer that tells.")


class FoundModelSerializer(serializers.Serializer[Any]):
    """A model as a service told of it."""

    name = serializers.CharField()
    capabilities = _list_of(serializers.CharField(), help_text="The server's own word.")
    context_length = serializers.IntegerField(default=None, read_only=True, allow_null=True)
    is_loaded = serializers.BooleanField(
        default=None, read_only=True, allow_null=True, help_text="In its memory; null where it does not tell."
    )
    size_bytes = serializers.IntegerField(default=None, read_only=True, allow_null=True)
    vram_bytes = serializers.IntegerField(default=None, read_only=True, allow_null=True)


class ServiceSerializer(serializers.Serializer[Any]):
    """Something that was found; a key that is stored is never shown."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=_KINDS)
    name = serializers.CharField()
    url = serializers.CharField(help_text="Empty for a program that would have to be started.")
    identity = serializers.CharField(help_text="Stays when its address changes.")
    found_by = serializers.CharField(source="source", help_text="What found it: `loopback`, `environment`, …")
    lifecycle = serializers.ChoiceField(choices=_LIFECYCLES)
    stale_since = serializers.DateTimeField(allow_null=True, help_text="Since when nothing was heard of it.")
    moved_to = serializers.CharField(help_text="Where something says that it is this service, without proof.")
    version = serializers.CharField(source="finding.version", default="", read_only=True)
    models = FoundModelSerializer(source="finding.models", many=True, default=list, read_only=True)
    capabilities = _list_of(serializers.CharField(), "finding.capabilities", "Of all its models together.")
    needs_key = serializers.BooleanField(
        source="finding.needs_key", default=False, read_only=True, help_text="It refuses those who have none."
    )
    has_key = serializers.BooleanField(help_text="A key is stored for it.")
    confidence = serializers.FloatField(
        source="finding.confidence", default=0.0, read_only=True, help_text="How certain the product is, from 0 to 1."
    )
    evidence = EvidenceSerializer(source="finding.evidence", many=True, default=list, read_only=True)
    risks = _list_of(
        serializers.ChoiceField(choices=[risk.value for risk in Risk]), "finding.risks", "What to know before."
    )
    provider_id = serializers.UUIDField(allow_null=True, help_text="The model server it became.")
    proof_state = serializers.ChoiceField(choices=ProofState.values, help_text="Whether it did what it says.")
    proof = serializers.JSONField(help_text="What it showed when it was last tested; empty before.")
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When somebody added or ignored it.")
    first_seen_at = serializers.DateTimeField()


class ServiceNowSerializer(ServiceSerializer):
    """Something that was found, and how it is at the moment."""

    state = serializers.ChoiceField(source="health", choices=_STATES)
    state_since = serializers.DateTimeField(source="health_since", allow_null=True)
    is_troubled = serializers.BooleanField(help_text="In use, and does not serve: somebody has to look at it.")
    seen_at = serializers.DateTimeField()


class HealthSerializer(serializers.Serializer[Any]):
    """How a service was from a time on."""

    state = serializers.ChoiceField(choices=_STATES)
    since = serializers.DateTimeField()
    detail = serializers.CharField(help_text="A technical note: `HTTP 503`.")


class ServiceWholeSerializer(ServiceNowSerializer):
    """Something that was found, with the history of its health, the newest first."""

    history = HealthSerializer(source="past", many=True)


class ServiceQuery(PageQuery):
    """Which services to list."""

    lifecycle = serializers.ChoiceField(
        required=False, choices=_LIFECYCLES, help_text="Only those of whom this was said."
    )
    kind = serializers.ChoiceField(required=False, choices=_KINDS, help_text="Only this product.")
    state = serializers.ChoiceField(required=False, choices=_STATES, help_text="Only those that are so.")
    is_troubled = serializers.BooleanField(
        required=False, help_text="Only those in use that do not serve, or all others."
    )


class AcceptSerializer(serializers.Serializer[Any]):
    """A service to use."""

    api_key = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=_KEY_CHARS, write_only=True,
        help_text="Stored encrypted, and sent to its address alone.",
    )  # fmt: skip


class McpFileSerializer(serializers.Serializer[Any]):
    """A list of MCP servers, as multipart form data."""

    file = serializers.FileField(max_length=500)


class ProposedSerializer(serializers.Serializer[Any]):
    """What a file named."""

    services = ServiceNowSerializer(many=True)
    new_count = serializers.IntegerField(help_text="How many of them were not known before.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="What could not be used, in sentences.")


class TouchedSerializer(serializers.Serializer[Any]):
    """What a scan did to one host."""

    host = serializers.CharField()
    address = serializers.CharField(default="", read_only=True)
    ports = _list_of(serializers.IntegerField())
    open_ports = _list_of(serializers.IntegerField())
    requests = _list_of(serializers.CharField(), help_text="As `8000 GET /v1/models`.")
    received_bytes = serializers.IntegerField(default=0, read_only=True)
    refusal = serializers.ChoiceField(
        choices=[word.value for word in Refusal], default=None, read_only=True, allow_null=True,
        help_text="Why nothing was sent; null where something was.",
    )  # fmt: skip


class ScanSerializer(serializers.Serializer[Any]):
    """A scan and its counts."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ScanState.values)
    trigger = serializers.ChoiceField(choices=Trigger.values, help_text="Why it ran.")
    asked_by = serializers.CharField(allow_null=True, help_text="Who asked; null where Olympus looked by itself.")
    with_networks = serializers.BooleanField(help_text="Granted networks too.")
    sources = serializers.ListField(child=serializers.CharField())
    place_count = serializers.IntegerField(help_text="Places to look at.")
    done_count = serializers.IntegerField(help_text="Places looked at so far.")
    host_count = serializers.IntegerField()
    request_count = serializers.IntegerField()
    refused_count = serializers.IntegerField(help_text="Hosts nothing was sent to.")
    found_count = serializers.IntegerField()
    new_count = serializers.IntegerField()
    was_cut = serializers.BooleanField(help_text="Time was up before all was looked at.")
    error = serializers.CharField()
    asked_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ScanWholeSerializer(ScanSerializer):
    """A scan with all that it touched."""

    touched = TouchedSerializer(many=True)


class NewScanSerializer(serializers.Serializer[Any]):
    """A scan to begin."""

    with_networks = serializers.BooleanField(required=False, default=True, help_text="Granted networks too.")


class GrantSerializer(serializers.Serializer[Any]):
    """A network that may be scanned."""

    id = serializers.UUIDField()
    cidr = serializers.CharField()
    ports = serializers.ListField(child=serializers.IntegerField(), help_text="Empty for the usual ones.")
    reason = serializers.CharField()
    granted_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewGrantSerializer(serializers.Serializer[Any]):
    """A network to grant."""

    cidr = serializers.CharField(max_length=50, help_text="A private network of at most 1024 addresses: `10.0.0.0/24`.")
    ports = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_LAST_PORT), max_length=MOST_PORTS, required=False,
        default=list, help_text="Empty for the usual ones.",
    )  # fmt: skip
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_GRANT.days, help_text="How long it may be scanned.")
    reason = serializers.CharField(max_length=300)


class RuleSerializer(serializers.Serializer[Any]):
    """What is added without asking."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="A product; empty for any.")
    network = serializers.CharField(help_text="A network or host; empty for any.")
    source = serializers.CharField(help_text="What found it; empty for any.")  # type: ignore[assignment]  # a word of DRF's own
    is_enabled = serializers.BooleanField()
    made_at = serializers.DateTimeField()


class RuleChangeSerializer(serializers.Serializer[Any]):
    """What of a rule can be changed."""

    is_enabled = serializers.BooleanField(help_text="One that is off adds nothing.")


class NewRuleSerializer(serializers.Serializer[Any]):
    """A rule to make; what is left out matches anything, but not all may be."""

    kind = serializers.ChoiceField(choices=_KINDS, required=False, default="", allow_blank=True)
    network = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
    source = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)  # type: ignore[assignment]  # see above
