"""The pages of projects: all of them, and one with its conversations, files and people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator

from apps.chat.access.projects import project_for_reading, readable_projects
from apps.chat.models import Attachment, Conversation, Project
from apps.chat.selectors.projects import OWNER, MemberView, conversations_in, files_of, members_of, with_counts
from apps.chat.services.projects import MAX_INSTRUCTIONS_LENGTH
from olympus.kernel.actor import Actor

# Two screens of titles.
CONVERSATIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ProjectsPage:
    """What one may use, and what rests."""

    projects: list[Project]
    archived: list[Project]


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One project, as the one who looks may use it."""

    id: UUID
    name: str
    instructions: str
    owner_name: str
    updated_at: datetime
    is_archived: bool
    is_own: bool
    may_change: bool
    conversations: "Page[Conversation]"
    files: list[Attachment]
    members: list[MemberView]
    me: UUID
    max_instructions: int = MAX_INSTRUCTIONS_LENGTH


def projects_page(actor: Actor) -> ProjectsPage:
    """This will list all projects one may use by name, those at rest apart."""
    found = list(with_counts(readable_projects(actor), actor.user_id).order_by("name", "id"))
    return ProjectsPage([p for p in found if not p.archived_at], [p for p in found if p.archived_at])


def project_page(actor: Actor, project_id: UUID, *, number: str = "1") -> ProjectPage:
    """This will compute the page of a project the actor may use.

    Raises:
        ProjectNotFound: it is not there for the actor.
    """
    project = project_for_reading(actor, project_id)
    members = members_of(project)
    role = next((member.role for member in members if member.user == actor.user_id), "viewer")
    conversations = Paginator(conversations_in(project, actor.user_id), CONVERSATIONS_SHOWN)
    return ProjectPage(
        id=project.pk,
        name=project.name,
        instructions=project.instructions,
        owner_name=project.owner.name or project.owner.email,
        updated_at=project.updated_at,
        is_archived=project.archived_at is not None,
        is_own=role == OWNER and actor.may_write,
        may_change=role != "viewer" and actor.may_write,
        conversations=conversations.get_page(number if len(number) < 10 else "1"),
        files=list(files_of(project)),
        members=members,
        me=actor.user_id,
    )
