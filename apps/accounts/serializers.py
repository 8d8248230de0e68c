"""The shapes of accounts over REST."""

from typing import Any

from rest_framework import serializers

from apps.accounts.contracts import RateClassName
from apps.accounts.models import ApiKey, Language, Theme
from apps.accounts.services.keys import LONGEST_MODEL, MOST_MODELS
from apps.accounts.services.limits import LEAST_REQUESTS, LONGEST_WINDOW_S, MOST_REQUESTS, SHORTEST_WINDOW_S
from apps.accounts.services.preferences import PREFERENCES
from olympus.kernel.actor import Role, Scope
from olympus.kernel.rest import PageQuery

_ROLES = [role.value for role in Role]
_SCOPES = [scope.value for scope in Scope]


def _models_field() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_MODEL),
        required=False,
        max_length=MOST_MODELS,
        help_text="The only models it may use; empty for all its owner may.",
    )


class MeSerializer(serializers.Serializer[Any]):
    """Who is calling, and what they may do."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    organization = serializers.UUIDField()
    role = serializers.ChoiceField(choices=_ROLES)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=_SCOPES))
    may_administer = serializers.BooleanField()
    theme = serializers.ChoiceField(choices=Theme.values)
    language = serializers.CharField(help_text="Of pages; empty is the browser's.")
    may_switch_server = serializers.BooleanField(
        help_text="Another model server may go on with an answer when one fails."
    )


class MeChangeSerializer(serializers.Serializer[Any]):
    """What a person changes about themselves; what is left out stays."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    theme = serializers.ChoiceField(required=False, choices=Theme.values)
    language = serializers.ChoiceField(required=False, choices=Language.values)
    may_switch_server = serializers.BooleanField(required=False)


class PreferenceSerializer(serializers.Serializer[Any]):
    """A preference of one's own."""

    preference = serializers.ChoiceField(choices=PREFERENCES)


class KeySerializer(serializers.Serializer[Any]):
    """An API key without its secret, which nobody has but its owner."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=_SCOPES))
    allowed_models = serializers.ListField(
        child=serializers.CharField(), help_text="The only models it may use; empty for all its owner may."
    )
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)

    def get_prefix(self, row: ApiKey) -> str:
        """How the key begins, to tell it from others."""
        return f"oly_{row.prefix}"


class KeyWithSecretSerializer(KeySerializer):
    """A new key, this once with its secret; null when the request is repeated."""

    secret = serializers.CharField(allow_null=True)


class NewKeySerializer(serializers.Serializer[Any]):
    """A key to make."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=_SCOPES), allow_empty=False, max_length=len(_SCOPES)
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Never, if left out.")
    allowed_models = _models_field()


class KeyChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays. Scopes cannot be changed: make another key."""

    name = serializers.CharField(required=False, max_length=100)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Null for never.")
    allowed_models = _models_field()


class PersonSerializer(serializers.Serializer[Any]):
    """A person of the organization."""

    id = serializers.UUIDField(source="user_id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    role = serializers.ChoiceField(choices=_ROLES)
    is_active = serializers.BooleanField(source="user.is_active")
    is_premium = serializers.BooleanField(help_text="Only budgets limit how often they ask.")
    created_at = serializers.DateTimeField(help_text="When they joined.")


class PersonChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    role = serializers.ChoiceField(required=False, choices=_ROLES)
    is_active = serializers.BooleanField(required=False)
    is_premium = serializers.BooleanField(required=False)


class PeopleQuery(PageQuery):
    """Which people to list."""

    role = serializers.ChoiceField(required=False, choices=_ROLES)
    is_active = serializers.BooleanField(required=False)


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation without its link."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=_ROLES)
    email = serializers.CharField(help_text="The only address it is for; empty for anybody with the link.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationWithLinkSerializer(InvitationSerializer):
    """A new invitation, this once with its link; null when the request is repeated."""

    link = serializers.CharField(allow_null=True)


class NewInvitationSerializer(serializers.Serializer[Any]):
    """An invitation to make."""

    role = serializers.ChoiceField(choices=_ROLES, default=Role.MEMBER.value)
    email = serializers.EmailField(required=False, allow_blank=True, default="", max_length=254)


class RateLimitSerializer(serializers.Serializer[Any]):
    """How often a class of callers may ask."""

    name = serializers.ChoiceField(choices=[each.value for each in RateClassName])
    requests = serializers.IntegerField(allow_null=True, help_text="Null for no limit but the budget.")
    window_s = serializers.IntegerField(help_text="In how many seconds.")
    is_default = serializers.BooleanField()


class RateLimitsSerializer(serializers.Serializer[Any]):
    """All classes."""

    factor = serializers.FloatField(help_text="By what limits are multiplied while many answers wait; 1 is not at all.")
    results = RateLimitSerializer(many=True)


class RateLimitChangeSerializer(serializers.Serializer[Any]):
    """What is to change; what is left out stays."""

    requests = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=LEAST_REQUESTS,
        max_value=MOST_REQUESTS,
        help_text="Null for no limit but the budget.",
    )
    window_s = serializers.IntegerField(required=False, min_value=SHORTEST_WINDOW_S, max_value=LONGEST_WINDOW_S)
