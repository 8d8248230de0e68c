"""The REST endpoints of accounts."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.facade import person
from apps.accounts.serializers import MeSerializer
from olympus.kernel.actor import Actor


@extend_schema(operation_id="me", summary="Who am I?", responses=MeSerializer, tags=["accounts"])
@api_view(["GET"])
def me(request: Request) -> Response:
    """Tell a program whose key it holds and what the key may do."""
    actor: Actor = request.actor
    who = person(actor)
    return Response(
        {
            "id": str(who.id),
            "name": who.name,
            "email": who.email,
            "organization": str(actor.organization_id),
            "role": actor.role.value,
            "scopes": sorted(scope.value for scope in actor.scopes),
            "may_administer": actor.may_administer,
        }
    )
