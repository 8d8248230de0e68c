"""Answers found again by what a question means."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from olympus.kernel.ids import uuid7


class SemanticAnswer(models.Model):
    """An answer and the vector of the question it was given to.

    `scope` is a digest of all that must be the same for the answer to be another's too: who may
    read what, the model, what was said before, the parameters.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=64)
    model = models.CharField(max_length=200)
    embedding_model = models.CharField(max_length=200)
    dimension = models.PositiveIntegerField()
    vector = VectorField()
    answer = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cached answer")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "scope", "embedding_model", "-expires_at"], name="semantic_scope"),
            models.Index(fields=["expires_at"], name="semantic_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.id}"
