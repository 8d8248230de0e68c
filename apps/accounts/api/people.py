"""The organization's people and the invitations to it over REST, for who manages them in person."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import check_administers
from apps.accounts.authentication import IsPerson
from apps.accounts.selectors import matching_members, member_of, open_invitations
from apps.accounts.serializers import (
    InvitationSerializer,
    InvitationWithLinkSerializer,
    NewInvitationSerializer,
    PeopleQuery,
    PersonChangeSerializer,
    PersonSerializer,
)
from apps.accounts.services import doors, people
from olympus.kernel.actor import Actor, Role
from olympus.kernel.rest import (
    PageQuery,
    answer,
    body_of,
    check_unchanged,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

_TAGS = ["people"]


class PeopleView(APIView):
    """Everybody in the organization."""

    permission_classes = (IsPerson,)

    @operation(
        "people_list",
        summary="List people",
        tags=_TAGS,
        query=PeopleQuery,
        answers=page_serializer(PersonSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """The people of your organization by name, the disabled ones too. For owners and administrators."""
        actor: Actor = request.actor
        check_administers(actor)
        asked = query_of(request, PeopleQuery)
        filters = {name: asked[name] for name in ("role", "is_active") if name in asked}
        rows = matching_members(actor.organization_id, **filters)
        return page_of(request, rows, PersonSerializer, order=("user__name", "user__email"))


class PersonView(APIView):
    """One of them."""

    permission_classes = (IsPerson,)

    @operation(
        "people_retrieve",
        summary="Read a person",
        tags=_TAGS,
        answers=PersonSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        """One person of your organization."""
        query_of(request)
        return answer(request, _shown(request.actor, user_id))

    @operation(
        "people_update",
        summary="Change a person's role, disable or enable them",
        tags=_TAGS,
        request=PersonChangeSerializer,
        answers=PersonSerializer,
        errors=(404, 409),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Give another role, or shut out and let in: whoever is disabled is out at once, with every key and session."""
        actor: Actor = request.actor
        changes = body_of(request, PersonChangeSerializer)
        check_unchanged(request, lambda: _shown(actor, user_id))
        if "role" in changes:
            people.change_role(actor=actor, user_id=user_id, role=Role(changes["role"]))
        if "is_active" in changes:
            change = people.enable_person if changes["is_active"] else people.disable_person
            change(actor=actor, user_id=user_id)
        if "is_premium" in changes:
            people.set_premium(actor=actor, user_id=user_id, is_premium=changes["is_premium"])
        return answer(request, _shown(actor, user_id))


class InvitationsView(APIView):
    """Links that let somebody in."""

    permission_classes = (IsPerson,)

    @operation(
        "invitations_list",
        summary="List open invitations",
        tags=_TAGS,
        query=PageQuery,
        answers=page_serializer(InvitationSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Invitations nobody took up yet, the newest first."""
        actor: Actor = request.actor
        check_administers(actor)
        query_of(request, PageQuery)
        rows = open_invitations(actor.organization_id, now=timezone.now())
        return page_of(request, rows, InvitationSerializer, order="-created_at")

    @operation(
        "invitations_create",
        summary="Invite somebody",
        tags=_TAGS,
        request=NewInvitationSerializer,
        answers={201: InvitationWithLinkSerializer},
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Make a link that makes whoever opens it first a member. It is in this answer and nowhere else."""
        actor: Actor = request.actor
        asked = body_of(request, NewInvitationSerializer)

        def invite() -> Response:
            invitation, path = doors.invite(actor=actor, role=Role(asked["role"]), email=asked["email"])
            link = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
            return Response({**InvitationSerializer(invitation).data, "link": link}, status=201)

        return once_by_key(request, invite, secrets=["link"])


class InvitationView(APIView):
    """One invitation."""

    permission_classes = (IsPerson,)

    @operation("invitations_withdraw", summary="Withdraw an invitation", tags=_TAGS, answers={204: None}, errors=(404,))
    @transaction.atomic
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Make its link worthless."""
        doors.withdraw_invitation(actor=request.actor, invitation_id=invitation_id)
        return Response(status=204)


def _shown(actor: Actor, user_id: UUID) -> dict[str, Any]:
    check_administers(actor)
    return dict(PersonSerializer(member_of(actor.organization_id, user_id)).data)
