"""Runs and workers in the owners' admin: to look at, and to stop what should not go on."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.agents.contracts import OVER
from apps.agents.models import Run, RunLog, Worker
from apps.agents.services import stop_any_run
from olympus.kernel.actor import Actor
from olympus.kernel.admin import LookOnly
from olympus.kernel.errors import OlympusError


class ErrorCodes(admin.AllValuesFieldListFilter):
    """The error codes there are; a run without one has a choice that can be read too."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Name the empty code."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("None")}


@admin.register(Run)
class RunAdmin(LookOnly):
    """What is being answered and what was; how it went, never what was said."""

    list_display: ClassVar = [
        "created_at", "state", "owner", "model", "provider", "token_count", "attempt", "error_code", "finished_at",
    ]  # fmt: skip
    list_filter: ClassVar = ["state", "host", ("error_code", ErrorCodes), "provider", "created_at"]
    search_fields: ClassVar = ["=id", "=thread_id", "owner__email", "model", "error_code"]
    list_select_related: ClassVar = ["owner"]
    date_hierarchy = "created_at"
    # Options hold the system prompt and the tools, which are the person's own words.
    exclude: ClassVar = ["options"]
    actions: ClassVar = ["stop"]
    show_full_result_count = False  # runs grow without end

    @admin.action(description="Stop: what was written is kept", permissions=["view"])
    def stop(self, request: HttpRequest, queryset: "QuerySet[Run]") -> None:
        """Stop the chosen runs of the organization."""
        actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        for run in queryset.exclude(state__in=OVER):
            try:
                stop_any_run(actor, run_id=run.pk)
            except OlympusError as error:
                self.message_user(request, f"{run.pk}: {error.message}", messages.ERROR)


@admin.register(Worker)
class WorkerAdmin(LookOnly):
    """The processes that answer."""

    list_display: ClassVar = ["hostname", "pid", "started_at", "heartbeat_at"]
    search_fields: ClassVar = ["hostname"]


@admin.register(RunLog)
class RunLogAdmin(LookOnly):
    """The checkpoints of runs that are not over: their numbers, not their words."""

    list_display: ClassVar = ["run_id", "seq", "kind", "offset", "token_count"]
    list_filter: ClassVar = ["kind"]
    search_fields: ClassVar = ["=run__id"]
    exclude: ClassVar = ["content", "data"]
    show_full_result_count = False
