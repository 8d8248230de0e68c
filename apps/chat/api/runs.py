"""Runs over REST: start, list, follow as a stream of events, cancel."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import facade as accounts
from apps.agents import facade as agents
from apps.agents.contracts import OVER
from apps.chat.api.posting import receipt_answer
from apps.chat.serializers.messages import ReceiptSerializer, StartSerializer
from apps.chat.serializers.runs import EventsQuery, RunQuery, RunSerializer
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.rest import answer, body_of, once_by_key, operation, page_of, page_serializer, query_of
from olympus.kernel.rest.streaming import EVENT_STREAM, EventStreamRenderer, event, event_response

_TAGS = ("runs",)
_MAX_SEQ = 2**63 - 1


class RunsView(APIView):
    """The person's runs."""

    @operation(
        "runs_list",
        summary="List runs",
        tags=_TAGS,
        query=RunQuery,
        answers=page_serializer(RunSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """Your runs, the newest first."""
        asked = query_of(request, RunQuery)
        filters = {name: asked[name] for name in ("conversation", "state", "is_over") if name in asked}
        return page_of(request, agents.matching_runs(request.actor, **filters), RunSerializer, order="-created_at")

    @operation(
        "runs_create",
        summary="Start a run",
        tags=_TAGS,
        request=StartSerializer,
        answers={202: ReceiptSerializer},
        errors=(404, 409, 429, 503),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Post a message, in a new conversation if none is named, and have it answered; follow the run's events."""
        body = body_of(request, StartSerializer)
        return once_by_key(request, lambda: receipt_answer(request.actor, body))


class RunView(APIView):
    """One run."""

    @operation("runs_retrieve", summary="Read a run", tags=_TAGS, answers=RunSerializer, errors=(404,), is_tagged=True)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Where it stands; the text is in its events, and in its message when it is over."""
        query_of(request)
        return answer(request, RunSerializer(agents.run_for_reading(request.actor, run_id)).data)


class RunCancelView(APIView):
    """A run stopped."""

    @operation("runs_cancel", summary="Cancel a run", tags=_TAGS, answers={202: RunSerializer}, errors=(404,))
    def post(self, request: Request, run_id: UUID) -> Response:
        """Stop it: at once if it waits, within a second if it works. What is written is kept."""
        actor: Actor = request.actor
        agents.stop_run(actor, run_id=run_id)
        return Response(RunSerializer(agents.run_for_reading(actor, run_id)).data, status=202)


class RunEventsView(APIView):
    """A run as it happens."""

    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @operation(
        "runs_events",
        summary="Follow a run",
        tags=_TAGS,
        query=EventsQuery,
        parameters=[
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="The `id` of the last event you have: only what came after it is sent.",
            )
        ],
        answers={
            (200, EVENT_STREAM): OpenApiResponse(
                OpenApiTypes.STR,
                description="Server-sent events: `id` is the event's number, `event` its type, `data` its JSON exactly"
                " as on the socket. A comment every 15 s says that the stream lives. It ends after the run's last"
                " event, `complete` or `error`.",
            ),
            204: OpenApiResponse(description="You have its last event: there will be no other."),
        },
        errors=(404,),
    )
    def get(self, request: Request, run_id: UUID) -> StreamingHttpResponse | HttpResponse:
        """The run's events from the first or past the one you have, then live ones, none twice.

        Where the events themselves are gone, one `snapshot` stands for all before it.
        """
        actor: Actor = request.actor
        after = max(query_of(request, EventsQuery).get("after", 0), _last_event_id(request))
        run = agents.run_for_reading(actor, run_id)
        if run.state in OVER and 0 < run.last_seq <= after:
            return HttpResponse(status=204)
        if request.method == "HEAD":
            return HttpResponse(content_type=EVENT_STREAM)
        return event_response(_events(actor, run_id, after, _actor_now(request, actor)))


def _last_event_id(request: Request) -> int:
    text = request.headers.get("Last-Event-ID", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _MAX_SEQ):
        raise Invalid(_("Last-Event-ID is the number of the last event you have."), field="Last-Event-ID")
    return int(text)


def _actor_now(request: Request, actor: Actor) -> Callable[[], Actor | None]:
    """Looks again who asks, by the same key or session; the request itself remembers its first answer."""
    scope: dict[str, Any] | None = getattr(request._request, "scope", None)  # noqa: SLF001 - the request below
    return lambda: accounts.socket_actor(scope) if scope else actor


async def _events(
    actor: Actor, run_id: UUID, after: int, actor_now: Callable[[], Actor | None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(agents.run_events(actor, run_id, after=after, actor_now=actor_now)) as frames:
        async for frame in frames:
            yield event(frame.type, frame.json, frame.seq)
