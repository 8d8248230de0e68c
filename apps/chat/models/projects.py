"""Projects: a folder of conversations with shared instructions, files and members."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from olympus.kernel.ids import uuid7


class Project(models.Model):
    """A folder of conversations; its instructions and files go into the prompt of each.

    Members share the instructions and files. Each member's conversations stay their own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    instructions = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "name"], name="project_of_owner", condition=Q(deleted_at=None)),
            models.Index(fields=["deleted_at"], name="project_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"project {self.id}"  # a name is somebody's words


class ProjectMember(models.Model):
    """A person who may use a project, or also change it."""

    class Role(models.TextChoices):
        """A viewer uses instructions and files, an editor changes them too."""

        VIEWER = "viewer"
        EDITOR = "editor"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "user"], name="project_member_once")]

    def __str__(self) -> str:
        return f"{self.role} of {self.project_id}"
