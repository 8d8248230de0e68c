"""Conversations, and their messages as a tree."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.agents.contracts import RunState
from olympus.kernel.ids import uuid7


class TitleSource(models.TextChoices):
    """Who made a title; a person's is never replaced."""

    WORDS = "words"
    MODEL = "model"
    PERSON = "person"


class Conversation(models.Model):
    """A conversation; `active_leaf` is the last message of the branch being read."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    title_source = models.CharField(max_length=10, choices=TitleSource, default=TitleSource.WORDS)
    project = models.ForeignKey("Project", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    active_leaf = models.ForeignKey("Message", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)  # of an imported one: its own
    updated_at = models.DateTimeField()
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    is_unread = models.BooleanField(default=False, help_text="An answer came that nobody has looked at.")
    settings = models.JSONField(default=dict, blank=True, help_text="Model and options of its next messages.")
    import_key = models.CharField(max_length=200, null=True, blank=True, help_text="What it was where it came from.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-updated_at"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-updated_at"], name="conversation_rail", condition=Q(deleted_at=None)),
            models.Index(
                fields=["owner", "-pinned_at"],
                name="conversation_pinned",
                condition=Q(deleted_at=None, pinned_at__isnull=False),
            ),
            models.Index(
                fields=["project", "owner", "-updated_at"],
                name="conversation_in_project",
                condition=Q(deleted_at=None, project__isnull=False),
            ),
            models.Index(
                fields=["owner", "-updated_at", "-id"],
                name="conversation_listed",
                condition=Q(deleted_at=None, archived_at=None, pinned_at=None),
            ),
            models.Index(
                fields=["owner", "-archived_at", "-id"],
                name="conversation_archived",
                condition=Q(deleted_at=None, archived_at__isnull=False),
            ),
            models.Index(
                fields=["owner"],
                name="conversation_unread",
                condition=Q(deleted_at=None, archived_at=None, is_unread=True),
            ),
            models.Index(fields=["deleted_at"], name="conversation_deleted", condition=~Q(deleted_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "import_key"], name="conversation_imported_once", condition=Q(import_key__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.id}"  # logs and the admin show this, and a title is somebody's words


class Message(models.Model):
    """One message; answers to the same message are siblings, and so are its edits.

    `depth` is the number of messages above it. An answer's text is stored when its run is
    over; until then the run has it. Answers that share a `comparison_id` were ordered
    together and are read side by side. `context` tells what the prompt of an answer held.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The index of siblings below begins with it.
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children", db_index=False)
    depth = models.PositiveIntegerField(default=0)
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField(blank=True)
    thinking = models.TextField(blank=True)
    tool_calls = models.JSONField(default=list, blank=True)

    run_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in RunState], default=RunState.COMPLETE)
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    options = models.JSONField(default=dict, blank=True)
    comparison_id = models.UUIDField(null=True)
    context = models.JSONField(null=True, blank=True)
    route = models.JSONField(null=True, blank=True, help_text="Who answered and why, and where another went on.")
    token_count = models.PositiveIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)  # of an imported one: its own

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="message_in_conversation"),
            models.Index(fields=["parent", "id"], include=["comparison_id"], name="message_siblings"),
            models.Index(fields=["conversation"], condition=Q(parent=None), name="message_first"),
            models.Index(fields=["comparison_id"], condition=~Q(comparison_id=None), name="message_compared"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"
