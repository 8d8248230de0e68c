"""What accounts tells the other apps about people."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from olympus.kernel.actor import Role


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


class AccessEnded(msgspec.Struct, tag_field="type", tag="access.ended"):
    """The person was signed out everywhere; an open page must stop and ask to sign in."""
