"""Runs as programs see them."""

from typing import Any

from rest_framework import serializers

from apps.agents.contracts import OVER, RunState
from olympus.kernel.rest import PageQuery, Query

_STATES = [state.value for state in RunState]


class RunSerializer(serializers.Serializer[Any]):
    """A run: the work of writing one answer."""

    id = serializers.UUIDField()
    conversation = serializers.UUIDField(source="thread_id")
    answer = serializers.UUIDField(source="subject_id", help_text="The message it writes.")
    waits_for = serializers.UUIDField(source="waits_for_id", allow_null=True, help_text="The run it begins after.")
    is_temporary = serializers.BooleanField(source="is_ephemeral", help_text="Nothing of its text is stored.")
    state = serializers.ChoiceField(choices=_STATES)
    is_over = serializers.SerializerMethodField()
    model = serializers.CharField(help_text="The model asked for; empty for the default.")
    provider = serializers.CharField(help_text="Who answered; empty before.")
    attempt = serializers.IntegerField(help_text="Grows when another worker takes the run up.")
    prompt_tokens = serializers.IntegerField(allow_null=True)
    token_count = serializers.IntegerField()
    error_code = serializers.CharField(help_text="Why it failed; empty if it did not.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_is_over(self, row: Any) -> bool:
        """Whether nothing more will happen."""
        return row.state in OVER


class RunQuery(PageQuery):
    """Which runs to list."""

    conversation = serializers.UUIDField(required=False, help_text="Only those of this conversation.")
    state = serializers.ChoiceField(choices=_STATES, required=False)
    is_over = serializers.BooleanField(required=False)


class EventsQuery(Query):
    """Where to begin."""

    after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**63 - 1,
        help_text="As Last-Event-ID, for a client that cannot send it.",
    )
