"""Conversations as programs see them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from apps.chat.conversation_settings import ConversationSettings
from apps.chat.models import Conversation, TitleSource
from apps.chat.services.housekeeping import MAX_TITLE_LENGTH
from olympus.kernel.rest import PageQuery, StructField


class ConversationSerializer(serializers.Serializer[Any]):
    """A conversation; the context's `answering` holds the ids of those being answered now."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    title_source = serializers.ChoiceField(choices=TitleSource.values, help_text="Who made the title.")
    project = serializers.UUIDField(source="project_id", allow_null=True)
    is_pinned = serializers.SerializerMethodField()
    is_archived = serializers.SerializerMethodField()
    is_unread = serializers.BooleanField(help_text="An answer came that nobody has looked at.")
    is_answering = serializers.SerializerMethodField(help_text="An answer is being written or waits for its turn.")
    settings = StructField(ConversationSettings, help_text="Model and options of its next messages.")
    active_leaf = serializers.UUIDField(
        source="active_leaf_id", allow_null=True, help_text="The last message of the branch being read."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_is_pinned(self, row: Conversation) -> bool:
        """Pinned to the top."""
        return row.pinned_at is not None

    def get_is_archived(self, row: Conversation) -> bool:
        """Out of the way."""
        return row.archived_at is not None

    def get_is_answering(self, row: Conversation) -> bool:
        """Being answered."""
        answering: frozenset[UUID] = self.context.get("answering", frozenset())
        return row.pk in answering


class NewConversationSerializer(serializers.Serializer[Any]):
    """An empty conversation; all of it may be left out."""

    title = serializers.CharField(required=False, max_length=MAX_TITLE_LENGTH)
    project = serializers.UUIDField(required=False, allow_null=True)
    is_pinned = serializers.BooleanField(required=False)
    settings = StructField(ConversationSettings, required=False)


class ConversationChangeSerializer(NewConversationSerializer):
    """What is to change; what is left out stays."""

    is_archived = serializers.BooleanField(required=False)
    is_unread = serializers.BooleanField(required=False)


class ConversationQuery(PageQuery):
    """Which conversations to list."""

    project = serializers.UUIDField(required=False, help_text="Only those of this project.")
    is_archived = serializers.BooleanField(required=False)
    is_pinned = serializers.BooleanField(required=False)
    is_unread = serializers.BooleanField(required=False)
