"""Memory as programs see it."""

from typing import Any

from rest_framework import serializers


class ModelMemorySerializer(serializers.Serializer[Any]):
    """A model in a server's memory, one that is expected there, or one that is pinned there."""

    provider = serializers.UUIDField(source="provider_id")
    provider_name = serializers.CharField()
    model = serializers.CharField()
    is_loaded = serializers.BooleanField(help_text="Whether it is in memory now; a pinned one will be soon.")
    size_bytes = serializers.IntegerField(help_text="What it takes, on GPUs where it is there.")
    hot = serializers.FloatField(help_text="Its calls; one of an hour ago counts half.")
    in_flight = serializers.IntegerField(help_text="Calls under way.")
    used_at = serializers.DateTimeField(allow_null=True, help_text="When its last call began or ended.")
    expected_at = serializers.DateTimeField(
        allow_null=True,
        help_text="From when on its next call is expected, by the rhythm of those before; it is loaded then.",
    )
    until = serializers.DateTimeField(allow_null=True, help_text="When it goes if nobody calls; null: it stays.")
    is_held = serializers.BooleanField(help_text="Whether it was pinned at the server itself.")
    keep_alive_s = serializers.IntegerField(
        allow_null=True, help_text="How long it stays after a call: -1 for ever, null as the server likes."
    )
    pin = serializers.UUIDField(source="pin_id", allow_null=True, help_text="The pin that keeps it here.")


class MemorySerializer(serializers.Serializer[Any]):
    """What is in memory, as it was seen some seconds ago."""

    is_managed = serializers.BooleanField(help_text="Whether Olympus chooses how long models stay.")
    results = ModelMemorySerializer(many=True)


class NewPinSerializer(serializers.Serializer[Any]):
    """A model that is to stay in a server's memory."""

    provider = serializers.UUIDField()
    model = serializers.CharField(max_length=200)


class PinSerializer(serializers.Serializer[Any]):
    """A model that stays in a server's memory."""

    id = serializers.UUIDField()
    provider = serializers.UUIDField(source="provider_id")
    model = serializers.CharField()
    created_at = serializers.DateTimeField()
