"""Prompts and presets as programs see them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.chat.engine.variables import MAX_CHOICES, MAX_VARIABLES, Variable, VariableType


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
class DefaultField(serializers.Field):  # type: ignore[type-arg]
    """What is put in when nothing is given, as a person would enter it; numbers and booleans are taken too."""

    default_error_messages = {"invalid": _("A default is text, a number, or true or false.")}

    def to_internal_value(self, data: Any) -> str:
        """Write it as a person would."""
        if isinstance(data, bool):
            return "true" if data else "false"
        if data is None or isinstance(data, str):
            return data or ""
        if not isinstance(data, int | float) or abs(data) > 1e50:
            self.fail("invalid")
        return str(data)

    def to_representation(self, value: str) -> str:
        """Show it as it is stored."""
        return value


class VariableSerializer(serializers.Serializer[Any]):
    """One blank of a prompt: `{{name}}` in its text."""

    name = serializers.CharField(max_length=40)
    label = serializers.CharField(max_length=120, allow_blank=True, required=False)  # type: ignore[assignment]
    type = serializers.ChoiceField([kind.value for kind in VariableType], required=False)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]
    default = DefaultField(required=False, allow_null=True)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=2000), max_length=MAX_CHOICES, required=False, help_text="Of a choice."
    )

    def to_internal_value(self, data: Any) -> Any:
        """Read a variable of the engine."""
        read = super().to_internal_value(data)
        kind, default = VariableType(read.get("type", "text")), read.get("default") or ""
        if kind is VariableType.BOOLEAN:
            default = {"yes": "true", "no": "false"}.get(default.lower(), default)
        return Variable(
            name=read["name"],
            label=read.get("label", ""),
            type=kind,
            required=read.get("required", True),
            default=default,
            choices=tuple(dict.fromkeys(read.get("choices", ()))),
        )


def _variables(**more: Any) -> Any:
    return VariableSerializer(many=True, max_length=MAX_VARIABLES, **more)  # type: ignore[call-arg]  # of the list it becomes


class PromptSerializer(serializers.Serializer[Any]):
    """A prompt of the library as it stands; `variables` are all it asks for, also those nobody declared."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="What is typed after `/`.")
    title = serializers.CharField()
    text = serializers.CharField(help_text="With `{{name}}` where a variable goes.")
    variables = serializers.ListField(child=serializers.DictField())
    is_shared = serializers.BooleanField(help_text="Whether everybody in the organization may use it.")
    is_own = serializers.BooleanField()
    owner_name = serializers.CharField()
    version = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class NewPromptSerializer(serializers.Serializer[Any]):
    """A prompt to make; without a name it is called by its title."""

    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=100_000, trim_whitespace=False)
    name = serializers.CharField(max_length=61, required=False, allow_blank=True)
    variables = _variables(required=False)
    is_shared = serializers.BooleanField(required=False)


class PromptChangeSerializer(serializers.Serializer[Any]):
    """What to change; another text or other variables make a new version."""

    title = serializers.CharField(max_length=120, required=False)
    text = serializers.CharField(max_length=100_000, trim_whitespace=False, required=False)
    name = serializers.CharField(max_length=61, required=False)
    variables = _variables(required=False)
    is_shared = serializers.BooleanField(required=False)


class PromptVersionSerializer(serializers.Serializer[Any]):
    """A prompt as it stood."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    variables = serializers.ListField(child=serializers.DictField())
    created_at = serializers.DateTimeField()


class RestoreSerializer(serializers.Serializer[Any]):
    """Which version to bring back."""

    number = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ValuesSerializer(serializers.Serializer[Any]):
    """What goes into the variables, by name; what is left out takes its default."""

    values = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)


class PreviewSerializer(serializers.Serializer[Any]):
    """A prompt that is being written, and values to try."""

    text = serializers.CharField(max_length=100_000, trim_whitespace=False)
    variables = _variables(required=False)
    values = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)


class RenderedSerializer(serializers.Serializer[Any]):
    """A prompt filled in."""

    text = serializers.CharField()


class PresetSerializer(serializers.Serializer[Any]):
    """A model with its options under a name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    model = serializers.CharField(help_text="Empty: whichever is the default.")
    options = serializers.DictField(help_text="As `options` of a message.")
    is_default = serializers.BooleanField(help_text="Whether new conversations begin with it.")


class NewPresetSerializer(serializers.Serializer[Any]):
    """A preset to make."""

    name = serializers.CharField(max_length=60)
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)
    options = serializers.DictField(required=False)
    is_default = serializers.BooleanField(required=False)


class PresetChangeSerializer(serializers.Serializer[Any]):
    """What to change of a preset."""

    name = serializers.CharField(max_length=60, required=False)
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)
    options = serializers.DictField(required=False)
    is_default = serializers.BooleanField(required=False)
