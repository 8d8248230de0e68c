"""Projects as programs see them."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from olympus.kernel.rest import PageQuery


class ProjectQuery(PageQuery):
    """Which projects."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words of the name.")
    is_archived = serializers.BooleanField(required=False, help_text="Only the archived, or only the others.")


class ProjectSerializer(serializers.Serializer[Any]):
    """A project, as the one who asks may use it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    instructions = serializers.CharField(help_text="Go into the prompt of each of its conversations.")
    role = serializers.ChoiceField(["owner", "editor", "viewer"], source="my_role", help_text="Yours.")
    owner_name = serializers.SerializerMethodField()
    conversation_count = serializers.IntegerField(help_text="Of your own conversations.")
    file_count = serializers.IntegerField()
    member_count = serializers.IntegerField(help_text="With its owner.")
    is_archived = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_owner_name(self, project: Any) -> str:
        """How to call whose it is."""
        return str(project.owner.name or project.owner.email)

    def get_is_archived(self, project: Any) -> bool:
        """Whether it rests."""
        return project.archived_at is not None


class NewProjectSerializer(serializers.Serializer[Any]):
    """A project to begin."""

    name = serializers.CharField(max_length=100)
    instructions = serializers.CharField(max_length=20_000, required=False, allow_blank=True)


class ProjectChangeSerializer(serializers.Serializer[Any]):
    """What to change; editors change name and instructions, only the owner archives."""

    name = serializers.CharField(max_length=100, required=False)
    instructions = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    is_archived = serializers.BooleanField(required=False)


class ProjectFileSerializer(serializers.Serializer[Any]):
    """A text file of a project; it goes into the prompt of each of its conversations."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="Where its bytes are, as text/plain.")
    created_at = serializers.DateTimeField()

    def get_url(self, attachment: Any) -> str:
        """The page's own address of the file."""
        return reverse("attachment", args=[attachment.pk])


class MemberSerializer(serializers.Serializer[Any]):
    """A person of a project."""

    user = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(["owner", "editor", "viewer"])


class NewMemberSerializer(serializers.Serializer[Any]):
    """Whom to let in, and as what; a member's role is changed in the same way."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(["editor", "viewer"], required=False)
