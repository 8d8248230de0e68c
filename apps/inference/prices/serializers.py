"""Prices as programs see them."""

from typing import Any

from rest_framework import serializers


def _usd(help_text: str, **more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0, help_text=help_text, **more)


class PriceSerializer(serializers.Serializer[Any]):
    """What models whose names match cost, in US dollars."""

    id = serializers.UUIDField()
    pattern = serializers.CharField(help_text="A model's name; `*` stands for anything.")
    provider = serializers.UUIDField(source="provider_id", allow_null=True, help_text="Null for any model server.")
    input_usd = _usd("A million tokens read.")
    cached_usd = _usd("A million tokens read from the server's cache; null is priced as read.", allow_null=True)
    output_usd = _usd("A million tokens written.")
    image_usd = _usd("An image.")
    audio_minute_usd = _usd("A minute of audio.")
    gpu_hour_usd = _usd("An hour of one's own hardware.")
    updated_at = serializers.DateTimeField()


class PriceChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    pattern = serializers.CharField(required=False, max_length=200)
    provider = serializers.UUIDField(required=False, allow_null=True)
    input_usd = _usd("A million tokens read.", required=False)
    cached_usd = _usd("A million tokens read from the server's cache.", required=False, allow_null=True)
    output_usd = _usd("A million tokens written.", required=False)
    image_usd = _usd("An image.", required=False)
    audio_minute_usd = _usd("A minute of audio.", required=False)
    gpu_hour_usd = _usd("An hour of one's own hardware.", required=False)


class NewPriceSerializer(PriceChangeSerializer):
    """A price to store; what is left out costs nothing."""

    pattern = serializers.CharField(max_length=200)
