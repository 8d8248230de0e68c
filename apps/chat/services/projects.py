"""Projects' verbs: make, change, archive, delete and restore; files in and out; members in and out."""

from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.chat.access.permissions import check_writes
from apps.chat.access.projects import project_for_managing, project_for_using, project_for_writing
from apps.chat.attaching import checked_text, forget_files, plain_name, store_text
from apps.chat.models import Attachment, Conversation, Project, ProjectMember
from apps.chat.project_errors import FileNotFound, MemberNotFound, OwnerStays, ProjectFull
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text

MAX_NAME_LENGTH = 100
# About 5,000 tokens: half of what small models read in all, and instructions that are longer are not followed.
MAX_INSTRUCTIONS_LENGTH = 20_000
MAX_PROJECTS = 500
# Files are read again for each turn; more than this belongs into a knowledge base.
MAX_FILES = 100
MAX_FILES_BYTES = 10 * 1024 * 1024
MAX_MEMBERS = 200


@transaction.atomic
def create_project(actor: Actor, *, name: str, instructions: str = "") -> Project:
    """This will begin a project that is the actor's own."""
    check_writes(actor)
    if Project.objects.filter(owner_id=actor.user_id, deleted_at=None).count() >= MAX_PROJECTS:
        raise ProjectFull(_("You have %(count)d projects. Delete one first.") % {"count": MAX_PROJECTS})
    return Project.objects.create(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=_checked_name(name),
        instructions=_checked_instructions(instructions),
    )


@transaction.atomic
def change_project(
    actor: Actor,
    *,
    project_id: UUID,
    name: str | None = None,
    instructions: str | None = None,
    is_archived: bool | None = None,
) -> Project:
    """This will change what is given; editors change name and instructions, only the owner archives."""
    may_do = project_for_writing if is_archived is None else project_for_managing
    project = may_do(actor, project_id)
    project.name = project.name if name is None else _checked_name(name)
    project.instructions = project.instructions if instructions is None else _checked_instructions(instructions)
    if is_archived is not None:
        project.archived_at = (project.archived_at or timezone.now()) if is_archived else None
    project.save(update_fields=["name", "instructions", "archived_at", "updated_at"])
    return project


@transaction.atomic
def delete_project(actor: Actor, *, project_id: UUID) -> None:
    """This will put a project to rest; its conversations go on without it.

    For 30 days it can be restored with all that was in it.
    """
    project = project_for_managing(actor, project_id)
    project.deleted_at = timezone.now()
    project.save(update_fields=["deleted_at"])


@transaction.atomic
def restore_project(actor: Actor, *, project_id: UUID) -> Project:
    """This will take a deletion back."""
    project = project_for_managing(actor, project_id, is_deleted=True)
    project.deleted_at = None
    project.save(update_fields=["deleted_at"])
    return project


def remove_deleted_projects(deleted_before: datetime) -> int:
    """This will remove projects that have rested long enough; their conversations stay, in no project."""
    gone = Project.objects.filter(deleted_at__lt=deleted_before)
    forget_files(Attachment.objects.filter(project__in=gone))
    count, _rows = gone.delete()
    return count


@transaction.atomic
def add_file(actor: Actor, *, project_id: UUID, name: str, size_bytes: int, file: BinaryIO) -> Attachment:
    """This will store a text file that goes into the prompt of each conversation of the project.

    Pictures belong to messages: in a project each turn would pay for them again.

    Raises:
        AttachmentRefused: too large, or not text.
        ProjectFull: the project has as many files as it can have.
    """
    project = project_for_writing(actor, project_id)
    text = checked_text(size_bytes, file)
    sizes = list(Attachment.objects.filter(project=project).values_list("size_bytes", flat=True))
    if len(sizes) >= MAX_FILES or sum(sizes) + len(text) > MAX_FILES_BYTES:
        raise ProjectFull(_("A project holds 100 files and 10 MB at most. Remove a file first."))
    attachment = store_text(actor, name=plain_name(name), text=text, project_id=project.pk)
    _touch(project)
    return attachment


@transaction.atomic
def remove_file(actor: Actor, *, project_id: UUID, file_id: UUID) -> None:
    """This will remove a file from a project; the next turn no longer has it."""
    project = project_for_writing(actor, project_id)
    if not forget_files(Attachment.objects.filter(pk=file_id, project=project)):
        raise FileNotFound
    _touch(project)


@transaction.atomic
def add_member(actor: Actor, *, project_id: UUID, email: str, role: str) -> ProjectMember:
    """This will let a person of the organization use a project, or change what a member may do.

    Raises:
        Invalid: nobody of the organization has this address, or it is the owner's own.
        ProjectFull: it has as many members as it can have.
    """
    project = project_for_managing(actor, project_id)
    them = accounts.actor_by_email(clean_text(email))
    if them is None or them.organization_id != actor.organization_id:
        raise Invalid(_("Nobody of your organization has this address. Invite them under People first."), field="email")
    if them.user_id == project.owner_id:
        raise Invalid(_("This project is yours already."), field="email")
    members = ProjectMember.objects.filter(project=project)
    if members.count() >= MAX_MEMBERS and not members.filter(user_id=them.user_id).exists():
        raise ProjectFull(_("A project has 200 members at most."))
    member, _is_new = ProjectMember.objects.update_or_create(
        project=project, user_id=them.user_id, defaults={"role": ProjectMember.Role(role)}
    )
    return member


@transaction.atomic
def remove_member(actor: Actor, *, project_id: UUID, user_id: UUID) -> None:
    """This will take a member out, or let one leave; their conversations stay theirs, in no project.

    Raises:
        Denied: the actor is neither the owner nor that member.
        OwnerStays: the owner cannot leave.
    """
    is_leaving = user_id == actor.user_id
    project = project_for_using(actor, project_id) if is_leaving else project_for_managing(actor, project_id)
    if user_id == project.owner_id:
        raise OwnerStays
    count, _rows = ProjectMember.objects.filter(project=project, user_id=user_id).delete()
    if not count:
        raise MemberNotFound
    Conversation.objects.filter(project=project, owner_id=user_id).update(project=None)


def _touch(project: Project) -> None:
    project.save(update_fields=["updated_at"])


def _checked_name(name: str) -> str:
    name = " ".join(clean_text(name).split())
    if not name:
        raise Invalid(_("A name needs at least one letter."), field="name")
    if len(name) > MAX_NAME_LENGTH:
        raise Invalid(_("A name has 100 characters at most."), field="name")
    return name


def _checked_instructions(instructions: str) -> str:
    instructions = clean_text(instructions).replace("\r\n", "\n").strip()
    if len(instructions) > MAX_INSTRUCTIONS_LENGTH:
        raise Invalid(
            _("Instructions have 20,000 characters at most; put the rest into a file of the project."),
            field="instructions",
        )
    return instructions
