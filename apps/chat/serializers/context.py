"""What prompts hold, as programs see it."""

from typing import Any

from rest_framework import serializers

from olympus.kernel.rest import Query


class ContextQuery(Query):
    """For which model, and in which project."""

    model = serializers.CharField(required=False, max_length=200, allow_blank=True)
    project = serializers.UUIDField(required=False, help_text="Try this project in place of the conversation's.")


class PartSerializer(serializers.Serializer[Any]):
    """One part of a prompt."""

    kind = serializers.ChoiceField(["system", "project", "file", "history", "attachments"])
    label = serializers.CharField()  # type: ignore[assignment]
    token_count = serializers.IntegerField()
    message_count = serializers.IntegerField(required=False, allow_null=True, help_text="Of the history.")
    is_cut = serializers.BooleanField(help_text="Whether some of it did not fit.")


class ContextSerializer(serializers.Serializer[Any]):
    """How much of a model's context window what takes, in tokens, estimated."""

    model = serializers.CharField()
    context_length = serializers.IntegerField()
    used = serializers.IntegerField()
    reserved_for_answer = serializers.IntegerField()
    parts = PartSerializer(many=True)
    left_out_count = serializers.IntegerField(help_text="How many earlier messages did not fit.")


class InspectedPartSerializer(PartSerializer):
    """One part of a prompt with its text."""

    text = serializers.CharField(help_text="At most 100,000 characters of it.")
    text_length = serializers.IntegerField(help_text="How many characters there are.")


class PromptOfAnswerSerializer(ContextSerializer):
    """The prompt of an answer, built again; instructions and files are those of now."""

    parts = InspectedPartSerializer(many=True)
    stored = ContextSerializer(allow_null=True, help_text="What went in when it was asked.")
