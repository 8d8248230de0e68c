"""The settings of the product over REST."""

from typing import Any

import msgspec
from rest_framework import serializers

from apps.accounts.pages.setting_rows import EnvironmentRow, SettingRow, VersionRow
from olympus.kernel.options import Input
from olympus.kernel.rest import PageQuery

_SOURCES = ("stored", "environment")


class ByWhomSerializer(serializers.Serializer[Any]):
    """Who changed it."""

    id = serializers.UUIDField(allow_null=True, help_text="Null for the command line.")
    name = serializers.CharField()


class SettingSerializer(serializers.Serializer[Any]):
    """One setting as it stands."""

    name = serializers.CharField()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        choices=_SOURCES, help_text="`environment`: read at the start and shown only; what is secret is hidden."
    )
    title = serializers.CharField()
    help = serializers.CharField(help_text="What it means.")
    section = serializers.CharField(help_text="The part of Olympus it belongs to.")
    input = serializers.ChoiceField(choices=[each.value for each in Input], help_text="How a person enters it.")
    unit = serializers.CharField(help_text="What a number counts.")
    least = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    value = serializers.JSONField(help_text="What holds now; in the environment null where nothing is said.")
    default = serializers.JSONField()
    is_default = serializers.BooleanField()
    misfit = serializers.JSONField(
        allow_null=True,
        help_text="What an older version stored and this one does not take, so that the default holds; else null.",
    )
    version = serializers.IntegerField(help_text="How often it was changed.")
    changed_at = serializers.DateTimeField(allow_null=True)
    changed_by = ByWhomSerializer(allow_null=True)


class SettingVersionSerializer(serializers.Serializer[Any]):
    """What a setting was."""

    number = serializers.IntegerField()
    value = serializers.JSONField()
    is_default = serializers.BooleanField(help_text="It was given its default, whatever that is by now.")
    is_now = serializers.BooleanField(help_text="It is the newest.")
    changed_at = serializers.DateTimeField()
    changed_by = ByWhomSerializer()


class SettingChangeSerializer(serializers.Serializer[Any]):
    """Another value."""

    value = serializers.JSONField(help_text="Of the setting's own type: true or false, a number, a text, a list.")


class UndoSerializer(serializers.Serializer[Any]):
    """What to put back."""

    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="What held then; 0 is the default before all changes. Left out: what held before the last change.",
    )


class SettingsQuery(PageQuery):
    """Which settings."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Only settings whose name, meaning, value or section hold all words."
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        required=False, choices=_SOURCES, help_text="Only those from there."
    )


def setting_data(row: SettingRow) -> dict[str, Any]:
    """This will show a setting as data."""
    data = SettingSerializer(
        {
            **{name: getattr(row, name) for name in _SAME},
            "source": "stored",
            "input": row.shape.input.value,
            "least": row.shape.least,
            "most": row.shape.most,
            "choices": [value for value, _words in row.choices],
            "changed_by": {"id": row.changed_by_id, "name": row.changed_by} if row.version else None,
        }
    ).data
    return dict(data)


def environment_data(row: EnvironmentRow) -> dict[str, Any]:
    """This will show a variable of the environment as data."""
    data = SettingSerializer(
        {
            "name": row.name,
            "source": "environment",
            "title": row.name,
            "help": row.help,
            "section": "environment",
            "input": Input.TEXT.value,
            "unit": "",
            "least": None,
            "most": None,
            "choices": [],
            "value": row.value if row.is_set else None,
            "default": row.default,
            "is_default": not row.is_set,
            "misfit": None,
            "version": 0,
            "changed_at": None,
            "changed_by": None,
        }
    ).data
    return dict(data)


def version_data(row: VersionRow) -> dict[str, Any]:
    """This will show a version as the serializer takes it."""
    return {
        "number": row.number,
        "value": msgspec.to_builtins(row.value),
        "is_default": row.is_default,
        "is_now": row.is_now,
        "changed_at": row.changed_at,
        "changed_by": {"id": row.changed_by_id, "name": row.changed_by},
    }


_SAME = (
    "name",
    "title",
    "help",
    "section",
    "unit",
    "value",
    "default",
    "is_default",
    "misfit",
    "version",
    "changed_at",
)
