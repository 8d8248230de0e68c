"""What discovery speaks of: candidates, findings, what a scan touched, and health. Standard library only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ServiceKind(StrEnum):
    """The products Olympus tells apart."""

    OLLAMA = "ollama"
    LLAMACPP = "llamacpp"
    VLLM = "vllm"
    SGLANG = "sglang"
    LM_STUDIO = "lm_studio"
    LOCALAI = "localai"
    TGI = "tgi"
    LITELLM = "litellm"
    MODEL_RUNNER = "model_runner"
    OPENAI = "openai"
    OLYMPUS = "olympus"
    MCP = "mcp"
    REDIS = "redis"
    POSTGRES = "postgres"
    SEARXNG = "searxng"


MODEL_SERVERS = frozenset(
    {
        ServiceKind.OLLAMA,
        ServiceKind.LLAMACPP,
        ServiceKind.VLLM,
        ServiceKind.SGLANG,
        ServiceKind.LM_STUDIO,
        ServiceKind.LOCALAI,
        ServiceKind.TGI,
        ServiceKind.LITELLM,
        ServiceKind.MODEL_RUNNER,
        ServiceKind.OPENAI,
        ServiceKind.OLYMPUS,
    }
)
STORES = frozenset({ServiceKind.REDIS, ServiceKind.POSTGRES})


class Lifecycle(StrEnum):
    """What the owner said of a service; that it was not seen for long is a mark beside this, not a state."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IGNORED = "ignored"


class HealthState(StrEnum):
    """How a service is. BUSY, WARMING, CONFIG_ERROR and RATE_LIMITED answer, and are no failures."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    BUSY = "busy"
    WARMING = "warming"
    DEGRADED = "degraded"
    CONFIG_ERROR = "config_error"
    RATE_LIMITED = "rate_limited"
    UNHEALTHY = "unhealthy"
    OFFLINE = "offline"


# Somebody has to do something; all else passes by itself.
TROUBLED = frozenset({HealthState.CONFIG_ERROR, HealthState.UNHEALTHY, HealthState.OFFLINE})


class Risk(StrEnum):
    """What an owner should know before adding a service."""

    NO_KEY = "answers_without_key"
    SELF_NAMED = "self_reported_name"
    ALL_ADDRESSES = "listens_on_all_addresses"
    NOT_ENCRYPTED = "not_encrypted"
    CLAIMED_IDENTITY = "claimed_identity"
    STARTS_PROGRAM = "starts_program"
    UNCERTAIN = "uncertain"


class Refusal(StrEnum):
    """Why the policy keeps a scan from an address."""

    METADATA = "metadata"
    LINK_LOCAL = "link_local"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"
    RESERVED = "reserved"
    PUBLIC = "public"
    NO_GRANT = "no_grant"
    UNRESOLVED = "unresolved"
    ODD_HOST = "odd_host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The owner's consent to scan a network: checked by `engine.policy.check_grant` before it is stored."""

    id: str
    cidr: str
    ports: tuple[int, ...]
    expires_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place where a service may be, as a source names it.

    `is_named` tells that the owner or the deployment named this very host, which is consent to ask it where
    it is a private address (public ones are never scanned). `identity` is a stable name the source has for it (a
    configuration id, a label), empty without one; it counts as proof only on a named candidate. `listens_on` is the
    address it is bound to, where the source knows. `command` is that of a program (MCP over stdio), which is
    never started: such a candidate has no host. `env_names` are the secrets it asks for, never their values.
    """

    source: str
    host: str = ""
    port: int = 0
    scheme: str = "http"
    path: str = ""
    kind: ServiceKind | None = None
    name: str = ""
    identity: str = ""
    is_named: bool = False
    listens_on: str = ""
    command: tuple[str, ...] = ()
    env_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A model of a service. `context_length` is in tokens; None means that the server does not tell.

    `capabilities` are values of `apps.inference.contracts.Capability`; they are the server's own word.
    """

    name: str
    capabilities: frozenset[str] = frozenset()
    context_length: int | None = None
    is_loaded: bool | None = None
    size_bytes: int | None = None
    vram_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What made a service known: the request, and the part of its answer that tells, as it came over the wire."""

    probe: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A service a scan recognised.

    `url` is the address a client uses (`http://127.0.0.1:8000`, `redis://…`; empty for a program), `address` the IP
    address that answered. `identity` is the stable key of `engine.identity`; with `is_identity_proven` it may move an
    entry to a new address by itself. `capabilities` are all of its models', or an MCP server's (tools, prompts,
    resources). `confidence` is 0..1. `state` is HEALTHY, WARMING, BUSY, RATE_LIMITED or CONFIG_ERROR (needs a key).
    """

    kind: ServiceKind
    url: str
    identity: str
    source: str
    host: str = ""
    address: str = ""
    port: int = 0
    version: str = ""
    name: str = ""
    models: tuple[FoundModel, ...] = ()
    capabilities: frozenset[str] = frozenset()
    needs_key: bool = False
    evidence: tuple[Evidence, ...] = ()
    risks: tuple[Risk, ...] = ()
    confidence: float = 1.0
    is_identity_proven: bool = False
    state: HealthState = HealthState.HEALTHY
    command: tuple[str, ...] = ()
    env_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What a scan did to one host: one row of its audit record.

    `requests` are the requests sent, as `8000 GET /v1/models`. With a `refusal` nothing was sent.
    """

    host: str
    address: str = ""
    ports: tuple[int, ...] = ()
    open_ports: tuple[int, ...] = ()
    requests: tuple[str, ...] = ()
    received_bytes: int = 0
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """All of a scan. With `was_cut` the time was up before all was looked at."""

    findings: tuple[Finding, ...] = ()
    touched: tuple[Touched, ...] = ()
    was_cut: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is, in places to look at."""

    done: int
    total: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """What one look at a service saw; `engine.health.advance` makes its health of it.

    `state` is what this look alone says. `detail` is a short technical note (`HTTP 503`), empty when well.
    `models` is None where the look did not ask. `is_other` tells that another product answers at the address.
    """

    state: HealthState
    latency_ms: float | None = None
    detail: str = ""
    retry_after_s: float | None = None
    version: str = ""
    models: tuple[FoundModel, ...] | None = None
    is_other: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A service's health as it is kept: the state with hysteresis, and when to look again.

    `told_since` is the beginning of the trouble that people were told of, None once they heard that it is over.
    """

    state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    failure_count: int = 0
    success_count: int = 0
    checked_at: datetime | None = None
    next_check_at: datetime | None = None
    seen_at: datetime | None = None
    latency_ms: float | None = None
    detail: str = ""
    told_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownService:
    """An entry as `engine.identity.match` needs it."""

    id: str
    kind: ServiceKind
    identity: str
    host: str
    port: int
    is_accepted: bool = False
    has_key: bool = False
    path: str = ""


class Move(StrEnum):
    """How a finding relates to what is known."""

    NEW = "new"
    SAME = "same"
    MOVED = "moved"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Match:
    """Which entry a finding is of. CONTESTED: it claims to be that entry without proof, so it changes nothing."""

    move: Move
    service_id: str = ""
