"""What accounts tells the other apps about people."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import msgspec

from olympus.kernel.actor import Actor, Role


class RateClassName(StrEnum):
    """Whose requests are counted together."""

    ANONYMOUS = "anonymous"
    MEMBER = "member"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class RateSubjects:
    """On whom a request is counted, all or none: `names` like `user:…`, `key:…`, `session:…`, `address:…`."""

    rate_class: RateClassName
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateState:
    """Whether a request may pass, and what is left of the tightest of its limits.

    `limit` is the one in force now, which a long queue makes smaller; None is no limit.
    `reset_s` is when the next of the counted requests is forgotten.
    """

    rate_class: RateClassName
    is_allowed: bool = True
    limit: int | None = None
    window_s: int = 3600
    remaining: int = 0
    reset_s: int = 0

    @property
    def retry_after_s(self) -> int | None:
        """How long one who was refused should wait; None for one who was not."""
        return None if self.is_allowed else max(1, self.reset_s)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer; none where there is no limit.

        Source: draft-ietf-httpapi-ratelimit-headers-10; the X- ones are what clients knew before,
        their reset in seconds from now.
        """
        if self.limit is None:
            return {}
        name, limit, remaining, reset = f'"{self.rate_class}"', str(self.limit), str(self.remaining), str(self.reset_s)
        wait = {} if self.is_allowed else {"Retry-After": str(self.retry_after_s)}
        return {
            "RateLimit-Policy": f"{name};q={limit};w={self.window_s}",
            "RateLimit": f"{name};r={remaining};t={reset}",
            "X-RateLimit-Limit": limit,
            "X-RateLimit-Remaining": remaining,
            "X-RateLimit-Reset": reset,
            **wait,
        }


class BudgetSubject(StrEnum):
    """Whose use a budget limits; EVERYBODY gives each person a budget of their own."""

    ORGANIZATION = "organization"
    EVERYBODY = "everybody"
    USER = "user"
    KEY = "key"


class BudgetMetric(StrEnum):
    """What a budget counts; cost in billionths of a US dollar."""

    TOKENS = "tokens"
    COST = "cost"
    REQUESTS = "requests"


class BudgetPeriod(StrEnum):
    """When a budget begins anew, in UTC."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Spender:
    """Who pays for a call: a person, or a program by a key of theirs."""

    organization_id: UUID
    user_id: UUID
    api_key_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call will use at most, as far as one can tell before it."""

    tokens: int
    cost_nanousd: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """What is held back for a call under way; give it back by settling."""

    id: UUID
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a call used, as it goes into the ledger.

    `kind` is what was asked for (chat, embeddings, images, transcription, speech), `door` where
    (chat, title, gateway, command), `state` how it ended (complete, error, cancelled,
    interrupted, lost), `cache` how the answer was found (exact, semantic) or empty.
    """

    kind: str
    door: str
    model: str = ""
    provider_id: UUID | None = None
    provider: str = ""
    tier: str = ""
    cache: str = ""
    state: str = "complete"
    error_code: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    is_estimated: bool = False
    cost_nanousd: int = 0
    gpu_ms: int = 0
    ttft_ms: int | None = None
    latency_ms: int = 0
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whom an API key acts for; `allowed_models` are the only ones it may use, empty for all its owner may."""

    actor: Actor
    allowed_models: frozenset[str] = frozenset()

    @property
    def key_id(self) -> UUID:
        """The key itself."""
        assert self.actor.api_key_id is not None
        return self.actor.api_key_id


@dataclass(frozen=True, slots=True)
class Person:
    """A person as pages show one."""

    id: UUID
    name: str
    email: str
    initials: str
    role: Role
    role_label: str
    theme: str
    language: str
    shortcuts: str
    may_administer: bool
    may_switch_server: bool = True


class SettingNews(msgspec.Struct, tag_field="type", tag="setting.changed"):
    """A setting of the product has another value; its owners' pages read it anew. `version` counts its changes."""

    name: str
    version: int


class PreferenceNews(msgspec.Struct, tag_field="type", tag="preference.changed"):
    """The person prefers something else: `theme`, `language`, `may_switch_server` or `shortcuts`.

    `value` is the new theme or language; of the others it is empty.
    """

    name: str
    value: str


class AccessEnded(msgspec.Struct, tag_field="type", tag="access.ended"):
    """The person was signed out everywhere; an open page must stop and ask to sign in."""
