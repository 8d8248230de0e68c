"""Who is calling, over REST."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import HasActor, IsPerson
from apps.accounts.facade import person
from apps.accounts.serializers import MeChangeSerializer, MeSerializer, PreferenceSerializer
from apps.accounts.services.people import rename
from apps.accounts.services.preferences import choose_language, choose_switching, choose_theme, undo_preference
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, body_of, check_unchanged, once_by_key, operation, query_of

_CHANGE: dict[str, Callable[..., None]] = {
    "name": rename,
    "theme": choose_theme,
    "language": choose_language,
    "may_switch_server": choose_switching,
}


class MeView(APIView):
    """The person or program that calls."""

    def get_permissions(self) -> list[Any]:
        """Any key may ask whose it is; only the person changes how they are called."""
        return [HasActor() if self.request.method in SAFE_METHODS else IsPerson()]

    @operation("me", summary="Who am I?", tags=["accounts"], answers=MeSerializer, is_tagged=True)
    def get(self, request: Request) -> Response:
        """Tell a program whose key it holds and what the key may do."""
        query_of(request)
        return answer(request, _shown(request.actor))

    @operation(
        "me_update",
        summary="Change my name, theme, language or settings",
        tags=["accounts"],
        request=MeChangeSerializer,
        answers=MeSerializer,
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """Change what is given. Signed in only: no key changes an account."""
        actor: Actor = request.actor
        changes = body_of(request, MeChangeSerializer)
        check_unchanged(request, lambda: _shown(actor))
        for name, value in changes.items():
            _CHANGE[name](actor=actor, **{name: value})
        return answer(request, _shown(actor))


class MeUndoView(APIView):
    """Taking back what one prefers."""

    permission_classes = (IsPerson,)

    @operation(
        "me_undo",
        summary="Undo the change of a preference of mine",
        tags=["accounts"],
        request=PreferenceSerializer,
        answers=MeSerializer,
        errors=(409,),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Put back what you preferred before the last change. That is a change too, and can be undone."""
        name = body_of(request, PreferenceSerializer)["preference"]

        def undo() -> Response:
            undo_preference(actor=request.actor, name=name)
            return answer(request, _shown(request.actor))

        return once_by_key(request, undo)


def _shown(actor: Actor) -> dict[str, Any]:
    who = person(actor)
    return {
        "id": str(who.id),
        "name": who.name,
        "email": who.email,
        "organization": str(actor.organization_id),
        "role": actor.role.value,
        "scopes": sorted(scope.value for scope in actor.scopes),
        "may_administer": actor.may_administer,
        "theme": who.theme,
        "language": who.language,
        "may_switch_server": who.may_switch_server,
    }
