"""Links that show a conversation to whoever holds them."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from olympus.kernel.fields import EncryptedTextField
from olympus.kernel.ids import uuid7


class ShareLink(models.Model):
    """A conversation as it stood when it was shared, up to `leaf`; read only, until it ends or is revoked.

    The token is looked up by its hash, and kept encrypted so that its owner can copy it again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey("Conversation", on_delete=models.CASCADE, related_name="share_links")
    leaf = models.ForeignKey("Message", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True, help_text="As it was when it was shared.")
    with_branches = models.BooleanField(default=False)
    leaves = models.JSONField(default=list, blank=True, help_text="The ends of all branches there were, if shared too.")
    token_hash = models.CharField(max_length=64, unique=True)
    token = EncryptedTextField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="share_link_of_owner")]

    def __str__(self) -> str:
        return f"share link {self.id}"
