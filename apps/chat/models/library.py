"""The prompt library: named prompts with typed variables and versions, and presets."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from olympus.kernel.ids import uuid7


class Prompt(models.Model):
    """A prompt a person keeps under a name that is typed after `/`; `is_shared` offers it to the organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, help_text="The number of the version in use.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="prompt_name_once")]

    def __str__(self) -> str:
        return f"prompt {self.id}"


class PromptVersion(models.Model):
    """A prompt as it stood; `variables` are typed and checked by the engine."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    variables = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["prompt", "number"], name="prompt_version_once")]

    def __str__(self) -> str:
        return f"{self.prompt_id} version {self.number}"


class Preset(models.Model):
    """A model with its options under a name; the default one begins new conversations."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    model = models.CharField(max_length=200, blank=True)
    options = models.JSONField(default=dict, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="preset_name_once"),
            models.UniqueConstraint(fields=["owner"], name="preset_one_default", condition=models.Q(is_default=True)),
        ]

    def __str__(self) -> str:
        return f"preset {self.id}"
