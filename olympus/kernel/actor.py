"""Who acts: the identity every service takes first and every check asks."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.http import HttpRequest


class Role(StrEnum):
    """What a member may do in the organization, from most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What an API key may do."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program, authenticated, in one organization.

    `scopes` are all of them for a person's session and the key's own for a program; for
    `is_premium` only budgets limit how often they may ask.
    """

    user_id: UUID
    organization_id: UUID
    role: Role
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    api_key_id: UUID | None = None
    is_premium: bool = False

    @property
    def may_read(self) -> bool:
        """Whether this actor may see what is theirs."""
        return bool(self.scopes & {Scope.READ, Scope.WRITE, Scope.ADMIN})

    @property
    def may_write(self) -> bool:
        """Whether this actor may create and change what is theirs."""
        return self.role is not Role.VIEWER and bool(self.scopes & {Scope.WRITE, Scope.ADMIN})

    @property
    def may_administer(self) -> bool:
        """Whether this actor may change the organization, its people and providers."""
        return self.role in {Role.OWNER, Role.ADMIN} and Scope.ADMIN in self.scopes


class ActorRequest(HttpRequest):
    """A request whose actor was checked before the view was called."""

    actor: Actor
