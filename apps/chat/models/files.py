"""Files people add to messages and projects."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from olympus.kernel.ids import uuid7


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """This will name the file by the attachment's id: what a person called it never reaches the disk."""
    return f"attachments/{attachment.id.hex[:2]}/{attachment.id.hex}"


class Attachment(models.Model):
    """A file a person added to a message or a project; until one is sent with it, it belongs to no message."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey("Message", null=True, on_delete=models.CASCADE, related_name="attachments")
    project = models.ForeignKey("Project", null=True, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    file = models.FileField(upload_to=attachment_path)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(message__isnull=True) | Q(project__isnull=True), name="attachment_has_one_place"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="attachment_of_owner"),
            models.Index(fields=["owner"], name="attachment_unsent", condition=Q(message=None, project=None)),
        ]

    def __str__(self) -> str:
        return f"{self.media_type} {self.id}"

    @property
    def is_image(self) -> bool:
        """Whether models see it rather than read it."""
        return self.media_type.startswith("image/")

    @property
    def served_as(self) -> str:
        """The type a browser is told: whatever a text says of itself, nobody runs it."""
        return self.media_type if self.is_image else "text/plain; charset=utf-8"
