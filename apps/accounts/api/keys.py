"""A person's API keys over REST; no key makes another."""

from uuid import UUID

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import IsPerson
from apps.accounts.selectors import keys_of
from apps.accounts.serializers import KeyChangeSerializer, KeySerializer, KeyWithSecretSerializer, NewKeySerializer
from apps.accounts.services.keys import change_api_key, create_api_key, revoke_api_key
from olympus.kernel.actor import Actor, Scope
from olympus.kernel.rest import PageQuery, body_of, once_by_key, operation, page_of, page_serializer, query_of

_TAGS = ["keys"]


class KeysView(APIView):
    """The person's keys."""

    permission_classes = (IsPerson,)

    @operation(
        "keys_list",
        summary="List API keys",
        tags=_TAGS,
        query=PageQuery,
        answers=page_serializer(KeySerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Your keys, the newest first, the revoked ones too."""
        query_of(request, PageQuery)
        return page_of(request, keys_of(request.actor), KeySerializer, order="-created_at")

    @operation(
        "keys_create",
        summary="Make an API key",
        tags=_TAGS,
        request=NewKeySerializer,
        answers={201: KeyWithSecretSerializer},
        errors=(429,),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Make a key. Its secret is in this answer and nowhere else; a repeat of the request does not show it again."""
        actor: Actor = request.actor
        asked = body_of(request, NewKeySerializer)

        def create() -> Response:
            scopes = [Scope(scope) for scope in asked["scopes"]]
            key, secret = create_api_key(
                actor=actor,
                name=asked["name"],
                scopes=scopes,
                expires_at=asked.get("expires_at"),
                allowed_models=asked.get("allowed_models", []),
            )
            return Response({**KeySerializer(key).data, "secret": secret}, status=201)

        return once_by_key(request, create, secrets=["secret"])


class KeyView(APIView):
    """One key."""

    permission_classes = (IsPerson,)

    @operation(
        "keys_update",
        summary="Change an API key",
        tags=_TAGS,
        request=KeyChangeSerializer,
        answers=KeySerializer,
        errors=(404,),
    )
    @transaction.atomic
    def patch(self, request: Request, key_id: UUID) -> Response:
        """Give it another name, other models or another end. A change holds within a second."""
        asked = body_of(request, KeyChangeSerializer)
        key = change_api_key(
            actor=request.actor,
            key_id=key_id,
            name=asked.get("name"),
            allowed_models=asked.get("allowed_models"),
            expires_at=asked.get("expires_at"),
            never_expires="expires_at" in asked and asked["expires_at"] is None,
        )
        return Response(KeySerializer(key).data)

    @operation("keys_revoke", summary="Revoke an API key", tags=_TAGS, answers={204: None}, errors=(404,))
    @transaction.atomic
    def delete(self, request: Request, key_id: UUID) -> Response:
        """Whatever uses it is refused from now on."""
        revoke_api_key(actor=request.actor, key_id=key_id)
        return Response(status=204)
