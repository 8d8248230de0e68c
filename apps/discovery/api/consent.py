"""Granted networks and rules over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from apps.discovery.access import grant_for_changing, require_administrator, rule_for_changing
from apps.discovery.selectors import changes_of, grants_of, rules_of
from apps.discovery.serializers import (
    GrantSerializer,
    NewGrantSerializer,
    NewRuleSerializer,
    RuleChangeSerializer,
    RuleSerializer,
)
from apps.discovery.services import granting, rules
from olympus.kernel.actor import Actor
from olympus.kernel.errors import NotFound
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

GRANTS = ["scan grants"]
RULES = ["accept rules"]


class GrantsView(APIView):
    """Networks that may be scanned."""

    @operation(
        "scan_grants_list", summary="List granted networks", tags=GRANTS, query=PageQuery,
        answers=page_serializer(GrantSerializer), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Networks that are or were granted, the newest first. For owners and administrators."""
        query_of(request, PageQuery)
        require_administrator(request.actor)
        return page_of(request, grants_of(request.actor.organization_id), GrantSerializer, order="-granted_at")

    @operation(
        "scan_grants_create", summary="Grant a network", tags=GRANTS, request=NewGrantSerializer,
        answers={201: GrantSerializer}, errors=(409,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Allow a private network to be scanned for some days. For the owner alone."""
        actor: Actor = request.actor
        asked = body_of(request, NewGrantSerializer)

        def grant() -> Response:
            return _made(request, GrantSerializer, granting.grant_network(actor, **asked), "api_scan_grant")

        return once_by_key(request, grant)


class GrantView(APIView):
    """One network."""

    @operation(
        "scan_grants_retrieve", summary="Read a grant", tags=GRANTS, answers=GrantSerializer, errors=(404,),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, grant_id: UUID) -> Response:
        """What was granted, and until when."""
        query_of(request)
        return answer(request, dict(GrantSerializer(grant_for_changing(request.actor, grant_id)).data))

    @operation("scan_grants_revoke", summary="Revoke a grant", tags=GRANTS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, grant_id: UUID) -> Response:
        """Scan the network no more; what was found there stays, and so does the record."""
        granting.revoke_grant(request.actor, grant_id=grant_id)
        return Response(status=204)


class RulesView(APIView):
    """What is added without asking."""

    @operation(
        "accept_rules_list", summary="List rules", tags=RULES, query=PageQuery,
        answers=page_serializer(RuleSerializer), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What is added without asking, the oldest first. For owners and administrators."""
        query_of(request, PageQuery)
        require_administrator(request.actor)
        return page_of(request, rules_of(request.actor.organization_id), RuleSerializer, order="made_at")

    @operation(
        "accept_rules_create", summary="Make a rule", tags=RULES, request=NewRuleSerializer,
        answers={201: RuleSerializer}, errors=(409,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Add what matches all that is given, as soon as it is found."""
        actor: Actor = request.actor
        asked = body_of(request, NewRuleSerializer)

        def make() -> Response:
            return _made(request, RuleSerializer, rules.make_rule(actor, **asked), "api_accept_rule")

        return once_by_key(request, make)


class RuleView(APIView):
    """One rule."""

    @operation(
        "accept_rules_retrieve", summary="Read a rule", tags=RULES, answers=RuleSerializer, errors=(404,),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, rule_id: UUID) -> Response:
        """What it adds."""
        query_of(request)
        return _rule(request, rule_for_changing(request.actor, rule_id))

    @operation(
        "accept_rules_update", summary="Switch a rule off or on", tags=RULES, request=RuleChangeSerializer,
        answers=RuleSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request, rule_id: UUID) -> Response:
        """Have it rest, or hold again from the next scan on; what it added stays. Can be undone."""
        actor: Actor = request.actor
        asked = body_of(request, RuleChangeSerializer)
        check_unchanged(request, lambda: RuleSerializer(rule_for_changing(actor, rule_id, is_locked=True)).data)
        return _rule(request, rules.switch_rule(actor, rule_id=rule_id, **asked))

    @operation("accept_rules_delete", summary="Remove a rule", tags=RULES, answers={204: None}, errors=(404,))
    def delete(self, request: Request, rule_id: UUID) -> Response:
        """Add nothing by it any more; what it added stays."""
        rules.remove_rule(request.actor, rule_id=rule_id)
        return Response(status=204)


class RuleUndoView(APIView):
    """The last change of a rule taken back."""

    @operation(
        "accept_rules_undo", summary="Undo the last change of a rule", tags=RULES,
        answers={200: RuleSerializer, 204: None}, errors=(404, 409),
    )  # fmt: skip
    def post(self, request: Request, rule_id: UUID) -> Response:
        """A rule that was made goes, which is answered with 204; one that was removed or switched is as it was."""
        require_administrator(request.actor)
        if not changes_of(request.actor.organization_id).filter(subject_id=rule_id).exists():
            raise NotFound
        rule = rules.undo_rule(request.actor, rule_id=rule_id)
        return Response(status=204) if rule is None else _rule(request, rule)


def _made(request: Request, shape: type[BaseSerializer[Any]], row: Any, place: str) -> Response:
    return answer(request, dict(shape(row).data), status=201, headers={"Location": reverse(place, args=[row.pk])})


def _rule(request: Request, rule: Any) -> Response:
    return answer(request, dict(RuleSerializer(rule).data))
