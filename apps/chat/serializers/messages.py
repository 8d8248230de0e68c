"""Messages, and what is posted, as programs see them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.agents.contracts import Route, RunState
from apps.chat.models import Message
from apps.chat.options import TurnOptions
from apps.chat.serializers.attachments import AttachmentSerializer
from apps.chat.services.drafts import MAX_TEXT_LENGTH
from olympus.kernel.rest import PageQuery, Query, StructField

_MAX_NAME = 200


class ErrorSerializer(serializers.Serializer[Any]):
    """Why an answer is not whole."""

    code = serializers.CharField(source="error_code")
    message = serializers.CharField(source="error_message")


class MessageSerializer(serializers.Serializer[Any]):
    """A message; the context's `attachments` holds the files of each."""

    id = serializers.UUIDField()
    conversation = serializers.UUIDField(source="conversation_id")
    parent = serializers.UUIDField(  # type: ignore[assignment]  # the base class has a `parent` of its own
        source="parent_id", allow_null=True, help_text="The message above it."
    )
    depth = serializers.IntegerField(help_text="How many messages are above it.")
    role = serializers.ChoiceField(choices=Message.Role.values)
    text = serializers.CharField(help_text="Empty while the answer is being written: its run has it.")
    thinking = serializers.CharField()
    tool_calls = serializers.ListField(child=serializers.DictField())
    attachments = serializers.SerializerMethodField()
    run = serializers.UUIDField(source="run_id", allow_null=True, help_text="The run that wrote or writes it.")
    state = serializers.ChoiceField(choices=[state.value for state in RunState])
    model = serializers.CharField()
    provider = serializers.CharField()
    options = StructField(TurnOptions)
    comparison = serializers.UUIDField(
        source="comparison_id", allow_null=True, help_text="Answers with the same one were asked for together."
    )
    route = StructField(
        Route,
        allow_null=True,
        help_text="Who answered and why, and where others went on; null until the answer is over.",
    )
    token_count = serializers.IntegerField()
    left_out_count = serializers.IntegerField(help_text="How many earlier messages its model was not shown.")
    error = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_attachments(self, row: Message) -> AttachmentSerializer(many=True):  # type: ignore[valid-type]  # read by drf-spectacular
        """Its files."""
        return AttachmentSerializer(self.context.get("attachments", {}).get(row.pk, []), many=True).data

    def get_error(self, row: Message) -> ErrorSerializer(allow_null=True):  # type: ignore[valid-type]  # read by drf-spectacular
        """What went wrong, or null."""
        return ErrorSerializer(row).data if row.error_code else None


class WindowSerializer(serializers.Serializer[Any]):
    """Which part of the branch the messages are; `first` and `last` are depths."""

    leaf = serializers.UUIDField(allow_null=True, help_text="The last message of the branch.")
    total = serializers.IntegerField(help_text="How many messages the branch has.")
    first = serializers.IntegerField(allow_null=True)
    last = serializers.IntegerField(allow_null=True)
    has_before = serializers.BooleanField()
    has_after = serializers.BooleanField()
    is_active = serializers.BooleanField(help_text="It is the branch being read.")


class MessageWindowSerializer(serializers.Serializer[Any]):
    """A part of a branch, oldest message first."""

    results = MessageSerializer(many=True)
    window = WindowSerializer()


class MessageWindowQuery(Query):
    """Which part of which branch; give one of `before`, `after` and `around`, or none for the newest."""

    leaf = serializers.UUIDField(required=False, help_text="A message at the end of another branch.")
    before = serializers.UUIDField(required=False, help_text="The messages above this one.")
    after = serializers.UUIDField(required=False, help_text="The messages below this one.")
    around = serializers.UUIDField(required=False, help_text="This one and those around it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let one place be named."""
        if len(attrs.keys() & {"before", "after", "around"}) > 1:
            raise serializers.ValidationError({"around": [_("Give one of before, after and around.")]})
        return attrs


class SiblingsQuery(PageQuery):
    """Which page of the siblings."""


class PostSerializer(serializers.Serializer[Any]):
    """A message to post."""

    text = serializers.CharField(
        max_length=MAX_TEXT_LENGTH,
        trim_whitespace=False,
        allow_blank=True,
        help_text="May be empty beside attachments.",
    )
    parent = serializers.UUIDField(  # type: ignore[assignment]  # as above
        required=False, allow_null=True, help_text="The answer to go on from; else the end of the active branch."
    )
    model = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=_MAX_NAME,
        help_text="`model` or `provider/model`; else the default.",
    )
    compare = serializers.CharField(
        required=False, allow_null=True, max_length=_MAX_NAME, help_text="A second model that answers beside the first."
    )
    steer = serializers.BooleanField(
        required=False, help_text="Stop what is being written on the active branch and answer this next."
    )
    options = StructField(TurnOptions, required=False)
    attachments = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=20)


class StartSerializer(PostSerializer):
    """A run to start: a message in a conversation, or in a new one."""

    conversation = serializers.UUIDField(required=False, allow_null=True, help_text="Else a new one begins.")
    project = serializers.UUIDField(
        required=False, allow_null=True, help_text="The project a new conversation begins in."
    )


class AgainSerializer(serializers.Serializer[Any]):
    """How to answer again; what is left out is as before."""

    model = serializers.CharField(required=False, allow_null=True, max_length=_MAX_NAME)
    options = StructField(TurnOptions, required=False)


class EditSerializer(serializers.Serializer[Any]):
    """The message as it should have been."""

    text = serializers.CharField(max_length=MAX_TEXT_LENGTH, trim_whitespace=False, allow_blank=True)
    attachments = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=20)


class AlsoSerializer(serializers.Serializer[Any]):
    """The second answer of a comparison."""

    answer = serializers.UUIDField()
    run = serializers.UUIDField(source="run_id")


class ReceiptSerializer(serializers.Serializer[Any]):
    """What a message became; follow the run for its answer."""

    conversation = serializers.UUIDField()
    message = serializers.UUIDField(allow_null=True, help_text="The message posted, or the one answered again.")
    answer = serializers.UUIDField(help_text="The message being written.")
    run = serializers.UUIDField(source="run_id")
    state = serializers.ChoiceField(choices=[state.value for state in RunState])
    also = AlsoSerializer(allow_null=True)


class BranchSerializer(serializers.Serializer[Any]):
    """A branch: a way from the first message to a last one."""

    leaf = serializers.UUIDField(help_text="Its last message.")
    message_count = serializers.IntegerField()
    is_active = serializers.BooleanField(help_text="It is the one being read.")
    role = serializers.ChoiceField(choices=Message.Role.values, help_text="Who said the last message.")
    preview = serializers.CharField(help_text="How the last message begins.")
    created_at = serializers.DateTimeField(help_text="When the last message came.")


class BranchesSerializer(serializers.Serializer[Any]):
    """All branches, the newest first, a thousand at most."""

    results = BranchSerializer(many=True)


class MessageNameSerializer(serializers.Serializer[Any]):
    """A message of the conversation."""

    message = serializers.UUIDField()
