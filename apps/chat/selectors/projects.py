"""Reads of projects: with what one may do there, their counts, their files and their members."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from apps.chat.models import Attachment, Conversation, Project, ProjectMember

OWNER = "owner"


@dataclass(frozen=True, slots=True)
class MemberView:
    """A person of a project; the owner comes first."""

    user: UUID
    name: str
    email: str
    role: str


def with_counts(rows: "QuerySet[Project]", user_id: UUID) -> "QuerySet[Project]":
    """This will add `my_role`, and how many conversations of the person's own, files and people there are."""
    membership = ProjectMember.objects.filter(project=OuterRef("pk"), user_id=user_id).values("role")[:1]
    return rows.select_related("owner").annotate(
        my_role=Case(When(owner_id=user_id, then=Value(OWNER)), default=Subquery(membership)),
        conversation_count=_count(Conversation.objects.filter(owner_id=user_id, deleted_at=None)),
        file_count=_count(Attachment.objects.all()),
        member_count=_count(ProjectMember.objects.all()) + 1,
    )


def projects_named(rows: "QuerySet[Project]", words: str) -> "QuerySet[Project]":
    """This will keep the projects whose name has every one of the words."""
    for word in words.split()[:10]:
        rows = rows.filter(name__icontains=word)
    return rows


def files_of(project: Project) -> "QuerySet[Attachment]":
    """This will list a project's files, the newest first."""
    return Attachment.objects.filter(project=project).order_by("-id")


def members_of(project: Project) -> list[MemberView]:
    """This will list a project's people: the owner, then the members by name."""
    rows = ProjectMember.objects.filter(project=project).select_related("user").order_by("user__name", "user__email")
    owner = MemberView(project.owner_id, project.owner.name, project.owner.email, OWNER)
    return [owner, *(MemberView(row.user_id, row.user.name, row.user.email, row.role) for row in rows)]


def conversations_in(project: Project, user_id: UUID) -> "QuerySet[Conversation]":
    """This will list a person's own conversations in a project, newest first."""
    rows = Conversation.objects.filter(project=project, owner_id=user_id, deleted_at=None)
    return rows.order_by("-updated_at", "-id")


def _count(rows: "QuerySet[Any]") -> Coalesce:
    """How many of the rows belong to the project of the query around."""
    counted = rows.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
