"""Usage, entries and budgets as programs see them."""

from typing import Any

from rest_framework import serializers

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.ledger.words import MOST
from olympus.kernel.rest import PageQuery, Query

_SUBJECTS = [subject.value for subject in BudgetSubject]
_METRICS = [metric.value for metric in BudgetMetric]
_PERIODS = [period.value for period in BudgetPeriod]
_STATES = ["complete", "error", "cancelled", "interrupted", "lost"]
_SCOPES = ["own", "all"]
# A year; the sums of days are kept for ever.
_MOST_DAYS = 366
_SCOPE_HELP = "`own` (you and your keys) or `all` (everybody, for owners and administrators)."


class UsageQuery(Query):
    """What to sum up."""

    scope = serializers.ChoiceField(choices=_SCOPES, required=False, default="own", help_text=_SCOPE_HELP)
    days = serializers.IntegerField(
        required=False, default=30, min_value=1, max_value=_MOST_DAYS, help_text="How many, today among them; UTC."
    )
    by = serializers.ChoiceField(
        choices=["day", "model", "kind", "key", "person"], required=False, default="day", help_text="What a row is."
    )


class SumsSerializer(serializers.Serializer[Any]):
    """Calls added up."""

    requests = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # the base class has `errors` of its own
    cache_hits = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Read before by the server, or a whole answer from our cache.")
    cost_nanousd = serializers.IntegerField(help_text="Billionths of a US dollar.")
    gpu_ms = serializers.IntegerField(help_text="Time on one's own hardware.")
    mean_ttft_ms = serializers.IntegerField(allow_null=True, help_text="To the first word.")
    mean_latency_ms = serializers.IntegerField(allow_null=True)


class UseSerializer(SumsSerializer):
    """Sums of one day, model, kind of call, key or person."""

    name = serializers.CharField()
    detail = serializers.CharField(
        help_text="A model's server, a kind's door, an address of a person or a key's owner."
    )
    id = serializers.UUIDField(allow_null=True, help_text="Of the person or key.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The sums beside what they are of."""
        sums = SumsSerializer(instance.sums).data
        return {
            "name": instance.name,
            "detail": instance.detail,
            "id": str(instance.id) if instance.id else None,
            **sums,
        }


class BudgetStateSerializer(serializers.Serializer[Any]):
    """How a budget stands for you."""

    id = serializers.UUIDField(source="rule.id")
    subject = serializers.ChoiceField(choices=_SUBJECTS, source="rule.subject")
    metric = serializers.ChoiceField(choices=_METRICS, source="rule.metric")
    period = serializers.ChoiceField(choices=_PERIODS, source="rule.period")
    limit = serializers.IntegerField(source="rule.limit")
    used = serializers.IntegerField()
    held = serializers.IntegerField(help_text="For calls under way.")
    left = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


class UsageSerializer(serializers.Serializer[Any]):
    """What was used, and what may still be."""

    since = serializers.DateField()
    totals = SumsSerializer()
    results = UseSerializer(many=True, help_text="At most 50, but every day that has any.")
    budgets = BudgetStateSerializer(many=True, help_text="Those your calls count for.")


class EntryQuery(PageQuery):
    """Which entries to list."""

    scope = serializers.ChoiceField(choices=_SCOPES, required=False, help_text=_SCOPE_HELP)
    model = serializers.CharField(required=False, max_length=200)
    state = serializers.ChoiceField(choices=_STATES, required=False)
    run = serializers.UUIDField(required=False, help_text="Of a conversation's run.")


class EntrySerializer(serializers.Serializer[Any]):
    """One call as it was settled."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    person = serializers.UUIDField(source="owner_id")
    key = serializers.UUIDField(source="api_key_id", allow_null=True)
    run = serializers.UUIDField(source="run_id", allow_null=True)
    kind = serializers.CharField(help_text="chat, embeddings, images, transcription, speech.")
    door = serializers.CharField(help_text="chat, title, gateway, command.")
    model = serializers.CharField()
    provider = serializers.CharField()
    tier = serializers.CharField()
    cache = serializers.CharField(help_text="exact or semantic where it was answered from the cache.")
    state = serializers.ChoiceField(choices=_STATES)
    error_code = serializers.CharField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField()
    is_estimated = serializers.BooleanField(help_text="Counted here: the server told nothing.")
    cost_nanousd = serializers.IntegerField(help_text="Billionths of a US dollar.")
    gpu_ms = serializers.IntegerField()
    ttft_ms = serializers.IntegerField(allow_null=True)
    latency_ms = serializers.IntegerField()


class BudgetSerializer(serializers.Serializer[Any]):
    """A limit."""

    id = serializers.UUIDField()
    subject = serializers.ChoiceField(choices=_SUBJECTS)
    person = serializers.UUIDField(source="owner_id", allow_null=True)
    key = serializers.UUIDField(source="api_key_id", allow_null=True)
    metric = serializers.ChoiceField(choices=_METRICS)
    period = serializers.ChoiceField(choices=_PERIODS)
    limit = serializers.IntegerField(help_text="Tokens, requests, or billionths of a US dollar.")
    created_at = serializers.DateTimeField()


class BudgetChangeSerializer(serializers.Serializer[Any]):
    """Another limit."""

    limit = serializers.IntegerField(min_value=0, max_value=MOST)


class NewBudgetSerializer(BudgetChangeSerializer):
    """A limit to set."""

    subject = serializers.ChoiceField(choices=_SUBJECTS, help_text="`everybody` gives each person one of their own.")
    person = serializers.UUIDField(required=False, allow_null=True, help_text="For `user`.")
    key = serializers.UUIDField(required=False, allow_null=True, help_text="For `key`.")
    metric = serializers.ChoiceField(choices=_METRICS)
    period = serializers.ChoiceField(choices=_PERIODS)
