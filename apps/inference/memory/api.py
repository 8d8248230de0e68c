"""Memory over REST."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.memory.pinning import pin_model, unpin_model
from apps.inference.memory.serializers import (
    MemorySerializer,
    ModelMemorySerializer,
    NewPinSerializer,
    PinSerializer,
)
from apps.inference.memory.shown import is_memory_managed, memory_of
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, body_of, operation, query_of

_TAGS = ["memory"]


class MemoryView(APIView):
    """What is in memory."""

    @operation("memory_retrieve", summary="Read what is in memory", tags=_TAGS, answers=MemorySerializer)
    def get(self, request: Request) -> Response:
        """The models in the memory of your Ollama servers, those expected there and the pinned ones. For administrators."""
        query_of(request)
        actor: Actor = request.actor
        require_administrator(actor)
        shown = ModelMemorySerializer(memory_of(actor.organization_id), many=True).data
        return answer(request, {"is_managed": is_memory_managed(), "results": shown})


class PinsView(APIView):
    """Models that stay."""

    @operation(
        "memory_pins_create", summary="Pin a model", tags=_TAGS, request=NewPinSerializer,
        answers={201: PinSerializer}, errors=(404,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Keep a model in a server's memory. Pinning it again changes nothing."""
        asked = body_of(request, NewPinSerializer)
        pin = pin_model(request.actor, provider_id=asked["provider"], model=asked["model"])
        return answer(request, dict(PinSerializer(pin).data), status=201)


class PinView(APIView):
    """One model that stays."""

    @operation("memory_pins_delete", summary="Unpin a model", tags=_TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, pin_id: UUID) -> Response:
        """It goes when nobody uses it."""
        unpin_model(request.actor, pin_id=pin_id)
        return Response(status=204)
