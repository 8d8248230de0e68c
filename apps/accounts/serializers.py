"""The shapes of the REST answers of accounts."""

from rest_framework import serializers

from olympus.kernel.actor import Role, Scope


class MeSerializer(serializers.Serializer[dict[str, object]]):
    """Who is calling, and what they may do."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    organization = serializers.UUIDField()
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=[scope.value for scope in Scope]))
    may_administer = serializers.BooleanField()
