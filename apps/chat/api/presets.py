"""Presets over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access.library import own_presets, preset_for_reading, preset_for_writing
from apps.chat.serializers.library import NewPresetSerializer, PresetChangeSerializer, PresetSerializer
from apps.chat.services import presets
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, check_unchanged, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of

TAGS = ["presets"]


def _shown(preset: Any) -> dict[str, Any]:
    return dict(PresetSerializer(preset).data)


class PresetsView(APIView):
    """One's presets."""

    @operation(
        "presets_list", summary="List presets", tags=TAGS, query=PageQuery, answers=page(PresetSerializer),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List your presets by name."""
        query_of(request, PageQuery)
        return page_of(request, own_presets(request.actor), PresetSerializer, order="name")

    @operation(
        "presets_create", summary="Make a preset", tags=TAGS, request=NewPresetSerializer,
        answers={201: PresetSerializer}, errors=(409, 429), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Store a preset; a default one takes the place of the one before."""
        actor: Actor = request.actor
        body = body_of(request, NewPresetSerializer)
        return once_by_key(request, lambda: answer(request, _shown(presets.create_preset(actor, **body)), status=201))


class PresetView(APIView):
    """One preset."""

    @operation(
        "presets_retrieve", summary="Read a preset", tags=TAGS, answers=PresetSerializer, errors=(404,), is_tagged=True
    )
    def get(self, request: Request, preset_id: UUID) -> Response:
        """Show a preset."""
        return answer(request, _shown(preset_for_reading(request.actor, preset_id)))

    @operation(
        "presets_update", summary="Change a preset", tags=TAGS, request=PresetChangeSerializer,
        answers=PresetSerializer, errors=(404, 409), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def patch(self, request: Request, preset_id: UUID) -> Response:
        """Change what is given."""
        actor: Actor = request.actor
        body = body_of(request, PresetChangeSerializer)
        check_unchanged(request, lambda: _shown(preset_for_writing(actor, preset_id)))
        return answer(request, _shown(presets.change_preset(actor, preset_id=preset_id, **body)))

    @operation("presets_destroy", summary="Delete a preset", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, preset_id: UUID) -> Response:
        """Remove a preset; conversations keep what they took from it."""
        actor: Actor = request.actor
        presets.delete_preset(actor, preset_id=preset_id)
        return Response(status=204)
