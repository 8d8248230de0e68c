"""Models and providers as programs see them."""

from typing import Any

from rest_framework import serializers

from apps.inference.contracts import Capability, ModelInfo, ProviderKind, TierName
from apps.inference.engine.health import State
from apps.inference.models import KindChoices, Origin, Provider
from apps.inference.services import MOST_SHARE
from olympus.kernel.rest import Query

_CAPABILITIES = [capability.value for capability in Capability]
# A JSON web token, the longest kind of key in use, stays well below.
_KEY_CHARS = 4000


class ModelSerializer(serializers.Serializer[Any]):
    """A model one can choose."""

    name = serializers.SerializerMethodField(help_text="What to send as `model`.")
    label = serializers.CharField(  # type: ignore[assignment]  # the base class has a `label` of its own
        help_text="What people read."
    )
    provider = serializers.CharField(source="provider_name")
    provider_id = serializers.UUIDField(
        allow_null=True, help_text="Null for the engine that is built in, and where each call picks a server."
    )
    server_count = serializers.IntegerField(help_text="How many model servers have it.")
    kind = serializers.ChoiceField(choices=[kind.value for kind in ProviderKind])
    capabilities = serializers.SerializerMethodField()
    context_length = serializers.IntegerField(help_text="In tokens.")
    tier = serializers.ChoiceField(
        choices=[tier.value for tier in TierName], allow_null=True, help_text="Which tier it is, of the tiers alone."
    )
    is_default = serializers.SerializerMethodField()

    def get_name(self, choice: Any) -> str:
        """Its name, after its provider's where one alone has it."""
        return choice.model if choice.provider_id is None else f"{choice.provider_name}/{choice.model}"

    def get_capabilities(self, choice: Any) -> list[str]:
        """What it can do."""
        return sorted(capability.value for capability in choice.capabilities)

    def get_is_default(self, choice: Any) -> bool:
        """Taken when no model is named."""
        return choice == self.context.get("default")


class ModelsSerializer(serializers.Serializer[Any]):
    """All models."""

    results = ModelSerializer(many=True)


class ModelQuery(Query):
    """Which models to list."""

    capability = serializers.ChoiceField(required=False, choices=_CAPABILITIES, help_text="Only those that can.")


class OfferedModelSerializer(serializers.Serializer[Any]):
    """A model as its server told of it."""

    name = serializers.CharField()
    capabilities = serializers.SerializerMethodField()
    context_length = serializers.IntegerField(allow_null=True)
    size_bytes = serializers.IntegerField(allow_null=True)
    is_loaded = serializers.BooleanField(help_text="In the server's memory.")

    def get_capabilities(self, info: ModelInfo) -> list[str]:
        """What it can do."""
        return sorted(info.capabilities)


class ProviderSerializer(serializers.Serializer[Any]):
    """A model server; its key is never shown."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=KindChoices.values)
    base_url = serializers.CharField()
    has_key = serializers.BooleanField()
    is_enabled = serializers.BooleanField()
    origin = serializers.ChoiceField(choices=Origin.values, help_text="How it came to be known.")
    may_be_removed = serializers.SerializerMethodField()
    last_error = serializers.CharField(help_text="Why it did not answer when last asked; empty if it did.")
    checked_at = serializers.DateTimeField(allow_null=True)
    priority = serializers.IntegerField(help_text="Servers of the lowest number are asked first.")
    weight = serializers.IntegerField(
        help_text="Its share among servers of one priority; 0 only when no other is left."
    )
    models = OfferedModelSerializer(source="infos", many=True)
    created_at = serializers.DateTimeField()

    def get_may_be_removed(self, row: Provider) -> bool:
        """One that Olympus finds by itself can only be turned off."""
        return row.origin == Origin.ADDED


class ProviderNowSerializer(ProviderSerializer):
    """A model server and how it is at the moment."""

    state = serializers.ChoiceField(choices=[state.value for state in State], source="health.state")
    state_reason = serializers.CharField(source="health.words", help_text="The state as a sentence for people.")
    state_since = serializers.DateTimeField(source="health.since", allow_null=True)
    in_flight = serializers.IntegerField(
        source="health.in_flight", help_text="Calls under way in all processes of this installation."
    )


class ProviderChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    name = serializers.CharField(required=False, max_length=60)
    base_url = serializers.CharField(required=False, max_length=500)
    api_key = serializers.CharField(
        required=False, allow_blank=True, max_length=_KEY_CHARS, write_only=True, help_text="Empty removes it."
    )
    is_enabled = serializers.BooleanField(required=False)
    priority = serializers.IntegerField(required=False, min_value=0, max_value=MOST_SHARE)
    weight = serializers.IntegerField(required=False, min_value=0, max_value=MOST_SHARE)


class NewProviderSerializer(serializers.Serializer[Any]):
    """A model server to connect."""

    kind = serializers.ChoiceField(choices=[KindChoices.OLLAMA.value, KindChoices.OPENAI.value])
    name = serializers.CharField(max_length=60, help_text="How people see it; no slash.")
    base_url = serializers.CharField(max_length=500)
    api_key = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=_KEY_CHARS, write_only=True
    )


class ProvidersSerializer(serializers.Serializer[Any]):
    """All providers."""

    results = ProviderNowSerializer(many=True)
