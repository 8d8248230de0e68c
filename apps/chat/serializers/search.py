"""Search as programs see it."""

from typing import Any

from rest_framework import serializers

from apps.chat.engine.search import MAX_RESULTS
from olympus.kernel.rest import Query


class SearchQuery(Query):
    """What is looked for, and where."""

    q = serializers.CharField(
        allow_blank=True,
        max_length=100_000,
        help_text="Words that all must be there; the last may be unfinished. Quotes keep words together. "
        "Looked at are the first 400 characters.",
    )
    project = serializers.UUIDField(required=False, help_text="Only conversations of this project.")
    is_archived = serializers.BooleanField(required=False, help_text="Only archived conversations, or only others.")
    limit = serializers.IntegerField(min_value=1, max_value=MAX_RESULTS, default=20)


class PieceSerializer(serializers.Serializer[Any]):
    """A part of a text; plain, never markup."""

    text = serializers.CharField()
    is_match = serializers.BooleanField()


class FoundConversationSerializer(serializers.Serializer[Any]):
    """The conversation of a hit."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField()
    is_archived = serializers.BooleanField()
    title_pieces = PieceSerializer(many=True, help_text="The title with what matched.")


class FoundMessageSerializer(serializers.Serializer[Any]):
    """The message of a hit."""

    id = serializers.UUIDField()
    role = serializers.CharField()
    created_at = serializers.DateTimeField()


class SearchHitSerializer(serializers.Serializer[Any]):
    """A title, or a message; `url` is the page that shows it."""

    conversation = FoundConversationSerializer()
    message = FoundMessageSerializer(allow_null=True)
    snippet = PieceSerializer(many=True)
    url = serializers.CharField()
    at = serializers.DateTimeField()


class SearchSerializer(serializers.Serializer[Any]):
    """Titles before messages, newest first."""

    results = SearchHitSerializer(many=True)
    took_ms = serializers.FloatField()
