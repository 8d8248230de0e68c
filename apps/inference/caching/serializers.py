"""The cache as programs see it."""

from typing import Any

from rest_framework import serializers


class CacheSerializer(serializers.Serializer[Any]):
    """How often an answer was found in the last seven days, and what is kept."""

    is_on = serializers.BooleanField(source="rules.is_exact", help_text="Whether answers are kept at all.")
    is_semantic = serializers.BooleanField(
        source="rules.is_semantic", help_text="Whether a question that means the same finds them too."
    )
    is_shared = serializers.BooleanField(source="rules.is_shared", help_text="Whether all API keys share them.")
    ttl_s = serializers.IntegerField(source="rules.ttl_s", help_text="How long an answer is kept, in seconds.")
    threshold = serializers.FloatField(source="rules.threshold", help_text="How much alike questions must be.")
    hit_rate = serializers.FloatField(
        source="tally.hit_rate",
        allow_null=True,
        help_text="The share of requests that were answered without asking a model; null if there were none.",
    )
    exact_count = serializers.IntegerField(source="tally.exact_count", help_text="Answered as the same request was.")
    shared_count = serializers.IntegerField(
        source="tally.shared_count", help_text="Answered together with the same request, made at the same time."
    )
    semantic_count = serializers.IntegerField(
        source="tally.semantic_count", help_text="Answered as a question that means the same was."
    )
    miss_count = serializers.IntegerField(source="tally.miss_count", help_text="Not found.")
    bypass_count = serializers.IntegerField(source="tally.bypass_count", help_text="Asked for a new answer.")
    saved_tokens = serializers.IntegerField(
        source="tally.saved_tokens", help_text="Tokens no model had to read or write."
    )
    answer_count = serializers.IntegerField(help_text="Answers kept by their request.")
    similar_count = serializers.IntegerField(help_text="Answers kept by the meaning of their question.")
    vector_count = serializers.IntegerField(help_text="Embeddings kept by their text.")
    size_bytes = serializers.IntegerField(help_text="What answers and embeddings take in Valkey.")
