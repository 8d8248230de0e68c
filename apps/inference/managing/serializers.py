"""The management of models as programs see it."""

from typing import Any

from rest_framework import serializers

from apps.inference.contracts import Capability
from apps.inference.managing.recipe import QUANTIZATIONS, SYSTEM_CHARS
from apps.inference.managing.rules import ROLES
from apps.inference.managing.telling import progress_of
from apps.inference.managing.wording import trouble_words
from apps.inference.models import ModelJob

_NAME_CHARS = 300


def _model(**more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=_NAME_CHARS, **more)


class PullSerializer(serializers.Serializer[Any]):
    """A model to fetch, and onto which server."""

    provider = serializers.UUIDField(help_text="An Ollama among the providers.")
    model = _model(help_text="Its name as on ollama.com, or `hf.co/someone/something`.")


class ModelOnSerializer(serializers.Serializer[Any]):
    """A model of a server."""

    provider = serializers.UUIDField()
    model = _model(help_text="With or without `:latest`.")


class CopySerializer(ModelOnSerializer):
    """A second name for a model."""

    name = _model(help_text="The new name.")


class CreationSerializer(serializers.Serializer[Any]):
    """A model to make of another of the server."""

    provider = serializers.UUIDField()
    model = _model(help_text="The new model's name.")
    base = _model(help_text="The model it is made of.")
    system = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=SYSTEM_CHARS, help_text="Its system prompt."
    )
    parameters = serializers.DictField(
        required=False,
        help_text="temperature, top_p, top_k, min_p, repeat_penalty, num_ctx, num_predict, seed, and stop, a list.",
    )
    adapter = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="The digest that `models/adapters` answered with."
    )
    quantization = serializers.ChoiceField(
        QUANTIZATIONS, required=False, allow_blank=True, help_text="Only of a base in F16, BF16 or F32."
    )


class AdapterSerializer(serializers.Serializer[Any]):
    """A LoRA adapter in GGUF format, as multipart form data."""

    provider = serializers.UUIDField()
    file = serializers.FileField(max_length=500)


class DigestSerializer(serializers.Serializer[Any]):
    """A file on a server."""

    digest = serializers.CharField()


class ModelJobSerializer(serializers.Serializer[Any]):
    """A model on its way onto a server or into its memory, or what became of it."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(ModelJob.Kind.values)
    model = serializers.CharField()
    provider = serializers.UUIDField(source="provider_id")
    state = serializers.ChoiceField(ModelJob.State.values)
    step = serializers.CharField(help_text="The server's own words of what it does.")
    total_bytes = serializers.IntegerField(allow_null=True, help_text="Null while nobody can tell; it can grow.")
    done_bytes = serializers.IntegerField()
    bytes_per_s = serializers.IntegerField(allow_null=True)
    seconds_left = serializers.SerializerMethodField()
    error_code = serializers.CharField(help_text="no_such_model, no_space, no_network and more; empty for none.")
    error = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_seconds_left(self, job: ModelJob) -> int | None:
        """The rest at the speed of now."""
        return progress_of(job).seconds_left

    def get_error(self, job: ModelJob) -> str:
        """What went wrong and what to do, in words."""
        return trouble_words(job)


class InstalledSerializer(serializers.Serializer[Any]):
    """A model of one server, as the server told it last."""

    provider = serializers.UUIDField()
    model = serializers.CharField()
    is_managed = serializers.BooleanField(help_text="Whether it can be pulled, copied, deleted and loaded from here.")
    is_loaded = serializers.BooleanField()
    capabilities = serializers.ListField(child=serializers.ChoiceField([each.value for each in Capability]))
    context_length = serializers.IntegerField(allow_null=True)
    size_bytes = serializers.IntegerField(allow_null=True)
    vram_bytes = serializers.IntegerField(allow_null=True)
    family = serializers.CharField()
    parameter_size = serializers.CharField()
    quantization = serializers.CharField()
    digest = serializers.CharField()


class ShownSerializer(serializers.Serializer[Any]):
    """What a server tells of a model."""

    provider = serializers.UUIDField()
    model = serializers.CharField()
    family = serializers.CharField()
    parameter_size = serializers.CharField()
    quantization = serializers.CharField()
    format = serializers.CharField()
    parent = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes fields off the class
    context_length = serializers.IntegerField(allow_null=True)
    capabilities = serializers.ListField(child=serializers.CharField(), help_text="In Ollama's words.")
    system = serializers.CharField()
    template = serializers.CharField()
    parameters = serializers.CharField()
    license = serializers.CharField()
    tiers = serializers.ListField(child=serializers.CharField(), help_text="That list it.")
    named_by = serializers.ListField(child=serializers.CharField(), help_text="What else names it.")


class AccessSerializer(serializers.Serializer[Any]):
    """Who may use a model. Owners may use every model."""

    model = _model()
    is_open = serializers.BooleanField(help_text="To everybody; then roles and people are empty.")
    roles = serializers.ListField(child=serializers.ChoiceField([role.value for role in ROLES]), max_length=10)
    people = serializers.ListField(child=serializers.UUIDField(), max_length=1000)


class AccessChangeSerializer(serializers.Serializer[Any]):
    """Who is to be able to use a model."""

    model = _model()
    is_open = serializers.BooleanField(default=False)
    roles = serializers.ListField(
        child=serializers.ChoiceField([role.value for role in ROLES]), required=False, max_length=10
    )
    people = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000)


class AccessUndoSerializer(serializers.Serializer[Any]):
    """The model whose last change is to be taken back."""

    model = _model()
