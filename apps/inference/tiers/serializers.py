"""Tiers as programs see them."""

from typing import Any

from rest_framework import serializers

from apps.inference.contracts import AUTO, TierName
from apps.inference.engine.complexity import SignalKind
from apps.inference.tiers.changing import MOST_MEMORY_GB, MOST_MODELS, MOST_TOKENS_PER_S, NAME_CHARS, USES_CHARS
from apps.inference.tiers.wording import signal_words

_TIERS = [tier.value for tier in TierName]
# A text is read in part however long it is; more than this is no question.
_TEXT_CHARS = 1_000_000
_MANY = 100_000_000


class TierModelSerializer(serializers.Serializer[Any]):
    """A model of a tier."""

    name = serializers.CharField()
    is_connected = serializers.BooleanField(help_text="A server offers it now; others are skipped.")
    is_loaded = serializers.BooleanField(help_text="In a server's memory.")
    reason = serializers.CharField(help_text="Why it was picked; empty where somebody chose it.")


class TierSerializer(serializers.Serializer[Any]):
    """A tier."""

    name = serializers.ChoiceField(choices=_TIERS, help_text="What to send as `model`.")
    label = serializers.CharField(help_text="What people read.")  # type: ignore[assignment]  # the base class has one
    is_picked = serializers.BooleanField(help_text="Its models are picked from what is connected.")
    models = TierModelSerializer(many=True, help_text="In the order they are tried.")
    memory_gb = serializers.FloatField(allow_null=True)
    tokens_per_s = serializers.FloatField(allow_null=True)
    uses = serializers.CharField()


class TiersSerializer(serializers.Serializer[Any]):
    """The three tiers."""

    results = TierSerializer(many=True)


class TierChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    model_names = serializers.ListField(
        child=serializers.CharField(max_length=NAME_CHARS),
        max_length=MOST_MODELS,
        required=False,
        help_text="In the order they are tried; empty has them picked.",
    )
    memory_gb = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=MOST_MEMORY_GB)
    tokens_per_s = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=MOST_TOKENS_PER_S)
    uses = serializers.CharField(required=False, allow_blank=True, max_length=USES_CHARS)


class WholeTierSerializer(TierChangeSerializer):
    """All of a tier; what is left out is emptied."""

    model_names = serializers.ListField(
        child=serializers.CharField(max_length=NAME_CHARS),
        max_length=MOST_MODELS,
        help_text="In the order they are tried; empty has them picked.",
    )
    memory_gb = serializers.FloatField(allow_null=True, default=None, min_value=0, max_value=MOST_MEMORY_GB)
    tokens_per_s = serializers.FloatField(allow_null=True, default=None, min_value=0, max_value=MOST_TOKENS_PER_S)
    uses = serializers.CharField(default="", allow_blank=True, max_length=USES_CHARS)


class AskedSerializer(serializers.Serializer[Any]):
    """A question to look at."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=_TEXT_CHARS)
    model = serializers.ChoiceField(choices=[AUTO, *_TIERS], default=AUTO)
    conversation_tokens = serializers.IntegerField(
        default=0, min_value=0, max_value=_MANY, help_text="Of all that goes along, the text too."
    )
    image_count = serializers.IntegerField(default=0, min_value=0, max_value=_MANY)
    tool_count = serializers.IntegerField(default=0, min_value=0, max_value=_MANY)
    has_schema = serializers.BooleanField(default=False, help_text="The answer must follow a JSON Schema.")
    wants_thinking = serializers.BooleanField(default=False)


class SignalSerializer(serializers.Serializer[Any]):
    """One thing found in a text."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in SignalKind])
    points = serializers.IntegerField(help_text="Up to 2 together is fast, from 6 on powerful.")
    count = serializers.IntegerField(help_text="How often, or how many tokens.")
    words = serializers.SerializerMethodField()

    def get_words(self, signal: Any) -> str:
        """It in words."""
        return signal_words(signal)


class ExplanationSerializer(serializers.Serializer[Any]):
    """What would answer, and why."""

    tier = serializers.ChoiceField(choices=_TIERS)
    models = serializers.ListField(child=serializers.CharField(), help_text="In the order they would be tried.")
    reasons = serializers.ListField(child=serializers.CharField())
    signals = SignalSerializer(many=True)
    points = serializers.IntegerField()
    token_count = serializers.IntegerField(help_text="Of the text, estimated.")
    took_us = serializers.IntegerField(help_text="The look at the text, in microseconds.")
