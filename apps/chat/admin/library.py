"""Projects, prompts and presets in the owners' admin."""

from typing import ClassVar

from django.contrib import admin

from apps.chat.admin.without_words import WithoutWords
from apps.chat.models import Preset, Project, ProjectMember, Prompt


@admin.register(Project)
class ProjectAdmin(WithoutWords):
    """Whose projects there are."""

    list_display = ["id", "owner", "created_at", "updated_at", "archived_at", "deleted_at"]
    list_filter: ClassVar = [
        ("archived_at", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        "updated_at",
    ]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "created_at", "updated_at", "archived_at", "deleted_at"]


@admin.register(ProjectMember)
class ProjectMemberAdmin(WithoutWords):
    """Who may use whose projects."""

    list_select_related: ClassVar = ["user", "project__owner"]
    list_display = ["project_id", "user", "role", "created_at"]
    list_filter: ClassVar = ["role", "created_at"]
    search_fields: ClassVar = ["=project__id", "user__email"]
    fields: ClassVar = ["project_id", "user", "role", "created_at"]
    readonly_fields: ClassVar = ["project_id"]


@admin.register(Prompt)
class PromptAdmin(WithoutWords):
    """Whose prompts there are, and whether others see them."""

    list_display = ["id", "owner", "is_shared", "version", "updated_at"]
    list_filter: ClassVar = ["is_shared", "updated_at"]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "is_shared", "version", "created_at", "updated_at"]


@admin.register(Preset)
class PresetAdmin(WithoutWords):
    """Which models people set up."""

    list_display = ["id", "owner", "model", "is_default", "updated_at"]
    list_filter: ClassVar = ["is_default", "updated_at"]
    search_fields: ClassVar = ["=id", "owner__email", "model"]
    fields: ClassVar = ["id", "owner", "organization", "model", "is_default", "created_at", "updated_at"]
