"""Usage and budgets over REST."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject, Spender
from apps.accounts.facade import budgets_for
from apps.accounts.ledger import usage
from apps.accounts.ledger.access import budget_for_changing, budgets_of
from apps.accounts.ledger_serializers import (
    BudgetChangeSerializer,
    BudgetSerializer,
    BudgetStateSerializer,
    EntryQuery,
    EntrySerializer,
    NewBudgetSerializer,
    SumsSerializer,
    UsageQuery,
    UsageSerializer,
    UseSerializer,
)
from apps.accounts.services.budgets import add_budget, change_budget, remove_budget
from olympus.kernel.actor import Actor
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

_USAGE = ["usage"]
_BUDGETS = ["budgets"]
_BY: dict[str, Callable[[usage.Days], list[usage.Use]]] = {
    "day": usage.by_day,
    "model": usage.by_model,
    "kind": usage.by_kind,
    "key": usage.by_key,
    "person": usage.by_person,
}


class UsageView(APIView):
    """What was used."""

    @operation(
        "usage_retrieve",
        summary="Sum up usage",
        tags=_USAGE,
        query=UsageQuery,
        answers=UsageSerializer,
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Sums of the last days by day, model, kind, key or person, and how your budgets stand."""
        actor: Actor = request.actor
        asked, now = query_of(request, UsageQuery), timezone.now()
        since = usage.first_day(now, asked["days"])
        select = usage.days_of_all if asked["scope"] == "all" else usage.days_of_actor
        rows = select(actor, since=since)
        days = usage.by_day(rows)
        results = days if asked["by"] == "day" else _BY[asked["by"]](rows)
        spender = Spender(actor.organization_id, actor.user_id, actor.api_key_id)
        body = {
            "since": since.isoformat(),
            "totals": SumsSerializer(usage.total(days)).data,
            "results": UseSerializer(results, many=True).data,
            "budgets": BudgetStateSerializer(budgets_for(spender, now=now), many=True).data,
        }
        return answer(request, body)


class EntriesView(APIView):
    """The ledger."""

    @operation(
        "usage_entries",
        summary="List ledger entries",
        tags=_USAGE,
        query=EntryQuery,
        answers=page_serializer(EntrySerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Every call that was settled, the newest first."""
        asked = query_of(request, EntryQuery)
        select = usage.entries_of_all if asked.get("scope") == "all" else usage.entries_of_actor
        rows = select(request.actor)
        names = {"model": "model", "state": "state", "run": "run_id"}
        rows = rows.filter(**{field: asked[name] for name, field in names.items() if name in asked})
        return page_of(request, rows, EntrySerializer, order="-created_at")


class BudgetsView(APIView):
    """The organization's limits."""

    @operation(
        "budgets_list",
        summary="List budgets",
        tags=_BUDGETS,
        query=PageQuery,
        answers=page_serializer(BudgetSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """The limits there are. For owners and administrators; your own stand under `usage`."""
        query_of(request, PageQuery)
        return page_of(request, budgets_of(request.actor), BudgetSerializer, order="-created_at")

    @operation(
        "budgets_create",
        summary="Set a budget",
        tags=_BUDGETS,
        request=NewBudgetSerializer,
        answers={201: BudgetSerializer},
        errors=(409, 429),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Limit what a day or month may take; what it has taken already counts. Calls are held to it within a second."""
        actor: Actor = request.actor
        asked = body_of(request, NewBudgetSerializer)

        def add() -> Response:
            budget = add_budget(
                actor,
                subject=BudgetSubject(asked["subject"]),
                metric=BudgetMetric(asked["metric"]),
                period=BudgetPeriod(asked["period"]),
                limit=asked["limit"],
                owner_id=asked.get("person"),
                api_key_id=asked.get("key"),
            )
            place = reverse("api_budget", args=[budget.pk])
            return answer(request, _shown(budget), status=201, headers={"Location": place})

        return once_by_key(request, add)


class BudgetView(APIView):
    """One limit."""

    @operation(
        "budgets_retrieve",
        summary="Read a budget",
        tags=_BUDGETS,
        answers=BudgetSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, budget_id: UUID) -> Response:
        """Whose it is and how much."""
        query_of(request)
        return answer(request, _shown(budget_for_changing(request.actor, budget_id)))

    @operation(
        "budgets_update",
        summary="Change a budget's limit",
        tags=_BUDGETS,
        request=BudgetChangeSerializer,
        answers=BudgetSerializer,
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, budget_id: UUID) -> Response:
        """What the period has used stays used."""
        actor: Actor = request.actor
        limit = body_of(request, BudgetChangeSerializer)["limit"]
        check_unchanged(request, lambda: _shown(budget_for_changing(actor, budget_id, is_locked=True)))
        return answer(request, _shown(change_budget(actor, budget_id=budget_id, limit=limit)))

    @operation(
        "budgets_delete", summary="Remove a budget", tags=_BUDGETS, answers={204: None}, errors=(404,), is_tagged=True
    )
    @transaction.atomic
    def delete(self, request: Request, budget_id: UUID) -> Response:
        """From then on only other limits hold."""
        actor: Actor = request.actor
        check_unchanged(request, lambda: _shown(budget_for_changing(actor, budget_id, is_locked=True)))
        remove_budget(actor, budget_id=budget_id)
        return Response(status=204)


def _shown(budget: Any) -> dict[str, Any]:
    return dict(BudgetSerializer(budget).data)
