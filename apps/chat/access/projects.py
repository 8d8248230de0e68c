"""Projects: what their owner, editors and viewers may do; for everybody else they are not there."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.chat.access.permissions import check_reads, check_writes
from apps.chat.errors import ProjectNotFound
from apps.chat.models import Project, ProjectMember
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied


def projects_open_to(user_id: UUID, organization_id: UUID) -> "QuerySet[Project]":
    """This will select the projects a person owns or is a member of, the archived ones too."""
    membership = ProjectMember.objects.filter(project=OuterRef("pk"), user_id=user_id)
    return Project.objects.filter(
        Q(owner_id=user_id) | Exists(membership), organization_id=organization_id, deleted_at=None
    )


def readable_projects(actor: Actor) -> "QuerySet[Project]":
    """This will select the projects the actor may see."""
    check_reads(actor)
    return projects_open_to(actor.user_id, actor.organization_id)


def project_for_reading(actor: Actor, project_id: UUID) -> Project:
    """This will fetch a project the actor owns or is a member of."""
    found = readable_projects(actor).select_related("owner").filter(pk=project_id).first()
    if found is None:
        raise ProjectNotFound
    return found


def project_for_using(actor: Actor, project_id: UUID) -> Project:
    """This will fetch a project the actor may have conversations in."""
    check_writes(actor)
    return project_for_reading(actor, project_id)


def project_for_writing(actor: Actor, project_id: UUID) -> Project:
    """This will fetch and lock a project the actor owns or edits, inside a transaction.

    Raises:
        Denied: the actor may use it only.
    """
    check_writes(actor)
    found = readable_projects(actor).select_for_update(of=("self",)).filter(pk=project_id).first()
    if found is None:
        raise ProjectNotFound
    edits = ProjectMember.objects.filter(project=found, user_id=actor.user_id, role=ProjectMember.Role.EDITOR)
    if found.owner_id != actor.user_id and not edits.exists():
        raise Denied(_("You may use this project, but not change it. Ask its owner to make you an editor."))
    return found


def project_for_managing(actor: Actor, project_id: UUID, *, is_deleted: bool = False) -> Project:
    """This will fetch and lock one of the actor's own projects, with `is_deleted` also a deleted one, inside a transaction.

    Raises:
        Denied: the actor is a member of it only.
    """
    check_writes(actor)
    own = Project.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id)
    rows = own if is_deleted else readable_projects(actor)
    project = rows.select_for_update(of=("self",)).filter(pk=project_id).first()
    if project is None:
        raise ProjectNotFound
    if project.owner_id != actor.user_id:
        raise Denied(_("Only the owner of this project may do this."))
    return project
